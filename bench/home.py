"""What is measured works on this: a real CA, a seal with its key held open, a rendered licence."""

import secrets
from datetime import date
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.addresses import PkiAddresses
from ca.hierarchy.founding import found_hierarchy
from ca.issuing.parts import CaParts
from ca.ocsp.answer_counts import AnswerCounts
from ca.profiles.lint import Linter
from ca.profiles.profiles import ProfileKind, Suite, validate_profiles
from ca.recorder import Collector
from core.clock import SystemClock
from core.ids import KeyId
from core.text import Text
from keys.model import KeyPurpose, KeyStore
from signing.face import FaceDesign, FaceField, LicenceFace, Orientation
from signing.levels import PadesLevel
from signing.render.renderer import LicenceRenderer
from signing.sealing.appearance import make_seal_appearance
from signing.sealing.pades import SealedDocument, Sealer, SealingRequest
from tests.ca.memory_ledger import MemoryLedger
from tests.ca.world import NAMES, SEAL, MemoryKeyStore
from tests.permits import MANAGE_CA, to_certify

IDENTIFIER = "1.2.156.3005.2.11990000999000101N001.11990100MB00990250.000024681.001.A"
AUTHORITY = "青岚市市场监督管理局"

FACE = LicenceFace(
    design=FaceDesign(
        title=Text("食品经营许可证", "Food Operation Licence"),
        orientation=Orientation.LANDSCAPE,
        colour="#0b6e4f",
    ),
    number_label=Text("许可证编号", "Licence number"),
    number="JY29901010024681",
    identifier=IDENTIFIER,
    fields=tuple(
        FaceField(key, Text(zh, key), value)
        for key, zh, value in (
            ("operator", "经营者名称", "青岚市云溪区老街坊餐饮有限公司"),
            ("uscc", "统一社会信用代码", "91990101MA3T8N2K5W"),
            ("legal", "法定代表人", "张晓雯"),
            ("format", "主体业态", "餐饮服务经营者（中型餐馆）"),
            ("premises", "经营场所", "青岚市云溪区清风西路1288号7号楼商铺102"),
            ("items", "经营项目", "热食类食品制售；冷食类食品制售；糕点类食品制售；自制饮品制售"),
        )
    ),
    authority=AUTHORITY,
    granted_on=date(2026, 3, 9),
    valid_from=date(2026, 3, 9),
    valid_until=date(2031, 3, 8),
    link="https://verify.qinghe.example.gov.cn/v/q7Zt0mW3Jx5sR2cLpY8dKfVbN1A",
)


class BenchHome:
    """Built once; its keys stay open as they do in the service."""

    def __init__(
        self,
        suite: Suite = Suite.ECDSA,
        keys: KeyStore | None = None,
        addresses: PkiAddresses | None = None,
    ) -> None:
        """Keep all keys in `keys`, the root's too; without it, in memory."""
        self.clock = SystemClock()
        self.keys: KeyStore = keys or MemoryKeyStore()
        self.ledger = MemoryLedger()
        parts = CaParts(
            ledger=self.ledger,
            recorder=Collector(),
            answers=AnswerCounts(Collector(), self.clock),
            clock=self.clock,
            random=secrets.token_bytes,
            linter=Linter(demo=addresses is not None),
            addresses=addresses or PkiAddresses("http://pki.example.gov.cn"),
            profiles=validate_profiles({}, suite=suite),
        )
        self.parts = parts
        self.hierarchy = found_hierarchy(
            NAMES, root_keys=keys or MemoryKeyStore(), keys=self.keys, parts=parts, permit=MANAGE_CA
        )
        key_id = KeyId("seal-1")
        profile = parts.profiles[ProfileKind.SEAL]
        self.keys.generate(key_id, KeyPurpose.SEAL, profile.algorithm)
        self.signer = self.keys.open(key_id, KeyPurpose.SEAL)
        token = self.hierarchy.authority.prepare(
            profile, SEAL.to_name(), self.signer.public_key, permit=to_certify(profile)
        )
        self.certificate = self.hierarchy.authority.issue(token)
        self.chain: tuple[x509.Certificate, ...] = (self.hierarchy.issuing, self.hierarchy.root)
        self.renderer = LicenceRenderer()
        self.rendered = self.renderer.render(FACE)
        self.appearance = make_seal_appearance(
            name=AUTHORITY, bottom="食品经营许可专用章", diameter_mm=45.0
        )

    @cached_property
    def sealer(self) -> Sealer:
        """The seal, held open."""
        return Sealer(
            signer=self.signer,
            certificate=self.certificate,
            chain=tuple(one.public_bytes(Encoding.DER) for one in self.chain),
            timestamper=self.hierarchy.timestamps,
            validation=self.hierarchy.validation,
            clock=self.clock,
        )

    def seal(self, level: PadesLevel) -> SealedDocument:
        """Seal the rendered licence."""
        return self.sealer.seal(
            SealingRequest(
                rendered=self.rendered,
                appearance=self.appearance,
                metadata="<证照><ZZMC>食品经营许可证</ZZMC></证照>".encode(),
                metadata_name="licence-metadata.xml",
                title=f"食品经营许可证 {IDENTIFIER}",
                author=AUTHORITY,
                subject="食品经营许可证",
                identifier=IDENTIFIER,
                reason="食品经营许可证",
                level=level,
            )
        )
