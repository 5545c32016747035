"""Settings, read once at the entry point into frozen models and handed down by section.

Order: flags, then `XINYIN_*`, then `xinyin.toml` in the home. Secrets never stand here; only where
they are to be found. The docstrings of sections and keys are the English of
docs/configuration.md, which `make reference` writes; its Chinese is in docs/configuration.zh.po.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomli_w
from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core import messages
from core.client_networks import ClientNetworks, ConnectionLimits
from core.errors import ConfigurationError
from core.files import write_atomically
from core.setting_faults import BrokenRuleError, fault_en, fault_zh, variable_of

FILE_NAME = "xinyin.toml"
RESTORING = ".restoring"
"""Lies in a home while a restore makes it; no command takes such a directory for a home."""
MAX_FILE_BYTES = 256 * 1024


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise BrokenRuleError(messages.HTTP_ADDRESS_NEEDED)
    return value.rstrip("/")


def is_loopback(address: str) -> bool:
    """Tell whether an address leads to this machine alone."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        found = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return found.is_loopback or found.is_unspecified


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is not a time zone of the IANA database") from error
    return value


def _listed(value: object) -> object:
    """The environment writes a list with commas."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",")] if value.strip() else []


def _proxy(value: str) -> str:
    try:
        return str(ip_network(value)) if "/" in value else str(ip_address(value))
    except ValueError as error:
        raise BrokenRuleError(messages.no_network(value)) from error


_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")


def _database_address(value: str) -> str:
    """Say what is wrong without the value: it may hold a password."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # raises where it is none
    except ValueError:
        parts = urlsplit("")
    if value and (parts.scheme not in _DATABASES or "://" not in value):
        raise ValueError(
            "must be a database's address, as postgresql://xinyin@db.internal/xinyin or "
            "sqlite:////path/registry.db"
        )
    return value


def _store_address(value: str) -> str:
    address = _http_address(value)
    if address.startswith("http:") and not is_loopback(address):
        raise BrokenRuleError(messages.STORE_NEEDS_TLS)
    return address


LogLevel = Literal["debug", "info", "warning", "error", "critical"]
OWN_LOGGERS = (
    "access",
    "ca",
    "cli",
    "core",
    "identity",
    "issuing_api",
    "keys",
    "registry",
    "signing",
    "verify_api",
)
"""Top-level names of our loggers: our packages, and the access log."""


def _level_of_one(value: str) -> str:
    name, _, level = value.partition("=")
    if name.partition(".")[0] not in OWN_LOGGERS or level not in get_args(LogLevel):
        raise ValueError(
            f"holds “{value}”: write a logger and its level, as access.probes=warning; loggers "
            f"begin with {', '.join(OWN_LOGGERS)}, levels are {', '.join(get_args(LogLevel))}"
        )
    return value


def _pinned_font(value: str) -> str:
    path, _, digest = value.rpartition("=")
    if not path or not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError(
            f"holds “{value}”: write a font's path and its SHA-256, as fonts/NotoSansYi.ttf=9f86…"
        )
    return value


PinnedFonts = Annotated[
    tuple[Annotated[str, AfterValidator(_pinned_font)], ...], BeforeValidator(_listed)
]
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
LevelsOfEach = Annotated[
    tuple[Annotated[str, AfterValidator(_level_of_one)], ...], BeforeValidator(_listed)
]
Proxies = Annotated[tuple[Annotated[str, AfterValidator(_proxy)], ...], BeforeValidator(_listed)]
Oid = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$")]
HttpAddress = Annotated[str, AfterValidator(_http_address)]


class SettingsSection(BaseModel):
    """A section of the file: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceSettings(SettingsSection):
    """Addresses under which the service is reached, and who runs it."""

    public_url: HttpAddress
    """Address of the verifier, printed into QR codes. `init` fixes it; never change it."""
    pki_url: HttpAddress
    """Address of `/pki/`, written into certificates. `init` fixes it. Plain http: whoever checks a
    certificate cannot need one to do so (RFC 5280 8)."""
    zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    """Time zone of licences' dates, a name of the IANA database."""
    run_by: Annotated[str, Field(max_length=100)] = ""
    """Who runs the service, named at the foot of its pages, e.g. 青岚市大数据局."""
    contact: Annotated[str, Field(max_length=100)] = ""
    """Where people can ask, e.g. a telephone number."""
    filing: Annotated[str, Field(max_length=100)] = ""
    """Filing numbers of the site (ICP备案号, 公安备案号)."""
    demo: bool = False
    """Whether this is a demo home: its licences say 样例, and its certificates may name loopback
    addresses. `init --demo` sets it."""


KeyUri = Annotated[str, Field(pattern="^(software:|pkcs11:[^\\s]*)$")]


class KeySettings(SettingsSection):
    """Key stores and the sources of their passphrases; a domain may differ.

    For a token, a passphrase is its PIN, and `pin-source` in its address comes first.
    """

    uri: KeyUri = "software:"
    """Where the keys of all domains are that name no place of their own: `software:` (encrypted
    files in the home) or a `pkcs11:` URI (RFC 7512)."""
    passphrase_file: Path | None = None
    """File with the passphrase of those keys, mode 0600, outside the home."""
    namespace: Annotated[str, Field(pattern="^[a-z0-9]{1,16}$")] | None = None
    """Suffix of key labels that keeps the keys of homes that share a token apart. `init` sets it;
    without it the keys are not found."""
    root_uri: KeyUri | None = None
    """Where the root's key is; unset: where `uri` says."""
    root_passphrase_file: Path | None = None
    """File with the passphrase of the root's key."""
    ca_uri: KeyUri | None = None
    """Where the keys of issuing CAs and of the trust list are; unset: where `uri` says."""
    ca_passphrase_file: Path | None = None
    """File with the passphrase of the keys of issuing CAs and of the trust list; unset:
    `passphrase_file`."""
    trust_uri: KeyUri | None = None
    """Where the keys for OCSP and timestamps are; unset: where `uri` says."""
    trust_passphrase_file: Path | None = None
    """File with the passphrase of the keys for OCSP and timestamps; unset: `passphrase_file`."""
    issuing_uri: KeyUri | None = None
    """Where the keys of seals and officers are; unset: where `uri` says."""
    issuing_passphrase_file: Path | None = None
    """File with the passphrase of the keys of seals and officers; unset: `passphrase_file`."""
    audit_uri: KeyUri | None = None
    """Where the keys that sign the audit's heads are; unset: where `uri` says."""
    audit_passphrase_file: Path | None = None
    """File with the passphrase of the keys that sign the audit's heads; unset:
    `passphrase_file`."""
    verify_uri: KeyUri | None = None
    """Where the key that signs receipts is; unset: where `uri` says."""
    verify_passphrase_file: Path | None = None
    """File with the passphrase of the key that signs receipts; unset: `passphrase_file`."""


class DatabaseSettings(SettingsSection):
    """Address of the registry's database."""

    url: Annotated[str, AfterValidator(_database_address)] | None = None
    """Address of the database, e.g. `postgresql://xinyin@db.internal/xinyin`, best without a
    password; unset: SQLite in the home."""


class JournalSettings(SettingsSection):
    """Place of the journal: revocations and numbers kept beside the database."""

    directory: Path | None = None
    """Directory of the journal; unset: `journal` in the home. Best on a disk that does not fail
    with the database's."""
    shared: bool = False
    """True where several machines with homes of their own serve one register: `directory` is this
    machine's copy of the journal that they share in the bucket of `[objects]`, on PostgreSQL.
    `xinyin journal share` begins that, `xinyin journal join` makes a machine's copy."""


class AuditSettings(SettingsSection):
    """Interval at which the audit's end is signed, and its anchors outside the database."""

    sign_every_minutes: int = Field(default=5, ge=1, le=1440)
    """Interval at which the audit's end is signed. Whoever can write the database can cut off
    unseen what is younger."""
    heads_file: Path | None = None
    """File on another disk or machine that gets each signed head too, one a line; unset: the
    journal alone."""


class OperatorSettings(SettingsSection):
    """Account that may change anything, where no identity provider is set up."""

    account: str
    """Account of the operating system. `init` sets it to the one that runs it."""


class IssuingSettings(SettingsSection):
    """Settings of the role that seals."""

    services_url: HttpAddress | None = None
    """Address of the role `trust`, which is asked for OCSP answers and timestamps where their keys
    are in another process; unset: `service.pki_url`."""
    fonts: PinnedFonts = ()
    """Fonts of licences' pages for scripts and characters that ours lack, asked in this order:
    each a file's path (in the home, unless it is absolute), `=`, and its SHA-256. TrueType outlines
    only. The same in every process that draws pages."""
    unagreed_rows: int = Field(default=50, ge=0)
    """Rows that `batch run` grants without a sample of their pages being agreed to; of more, a
    sample is shown first (`batch sample`)."""
    sealing_processes: int | None = Field(default=None, ge=1, le=64)
    """Processes that seal the rows of officers' batches at a server, while there are any; unset: as
    many as cores. They are begun with the first row and end two minutes after the last."""
    exports_kept_days: int = Field(default=3, ge=1, le=365)
    """Days after which an export of licences that was asked for is deleted, done or not."""


class VerifySettings(SettingsSection):
    """Limits of the public verifier; the defaults suit an office of 200 behind one address."""

    workers: int = Field(default=2, ge=1, le=64)
    """Files judged at once by each process, a core each; with two or more, one client network
    cannot take all."""
    trusted_proxies: Proxies = ()
    """Addresses or networks of proxies, whose X-Forwarded-For names the client."""
    ipv4_prefix: int = Field(default=32, ge=8, le=32)
    """IPv4 addresses that share so many leading bits count as one client network."""
    ipv6_prefix: int = Field(default=56, ge=16, le=128)
    """IPv6 addresses that share so many leading bits count as one client network."""
    requests_per_minute: int = Field(default=6000, ge=1)
    """Requests of one client network for anything but `/healthz` and `/readyz`; a tenth of them at
    once."""
    files_per_minute: int = Field(default=240, ge=1)
    """Files of one client network; half of them at once. Each 2 MiB count as one more."""
    lookups_per_minute: int = Field(default=240, ge=1)
    """Look-ups of one client network; half of them at once."""
    judging_seconds_per_minute: int = Field(default=30, ge=1)
    """Seconds of a worker that one client network may use; twice that at once. Registered files
    use none."""
    waiting_files: int = Field(default=64, ge=1)
    """Files that may wait to be judged; half of the places are for files up to 2 MiB."""
    waiting_files_per_network: int = Field(default=32, ge=1)
    """Files of one client network that may wait to be judged."""
    uploads_per_network: int = Field(default=64, ge=1)
    """Uploads of one client network under way at once."""
    memory_mib: int = Field(default=256, ge=64)
    """Memory for uploads in each process; a quarter is kept for files up to 2 MiB."""
    memory_mib_per_network: int = Field(default=64, ge=33)
    """Memory for uploads of one client network in each process."""
    upload_kib_per_second: int = Field(default=16, ge=1)
    """Slowest upload: who falls behind it by ten seconds is cut off."""
    connections: int = Field(default=2048, ge=16)
    """Open connections of each process, whatever its role; beyond it the oldest idle one makes
    room."""
    connections_per_network: int = Field(default=256, ge=4)
    """Open connections of one client network to each process; a trusted proxy has no such limit."""

    def connection_limits(self) -> ConnectionLimits:
        """Return the limits on connections of each process, whatever it serves."""
        return ConnectionLimits(
            total=self.connections,
            each=self.connections_per_network,
            networks=ClientNetworks(self.ipv4_prefix, self.ipv6_prefix),
            proxies=self.trusted_proxies,
        )


class CaSettings(SettingsSection):
    """Statements of the CA on behalf of its operator."""

    organization: str | None = None
    """Legal name of the body that runs the CA; unset: what the issuing CA's certificate says."""
    uscc: str | None = None
    """Unified social credit code of that body."""
    certificate_policy: Oid | None = None
    """OID of the policy under which certificates are issued; unset: one for documentation
    (RFC 5612)."""
    algorithms: Literal["ecdsa", "ml-dsa"] = "ecdsa"
    """Family of new keys: ECDSA (and RSA), or post-quantum, on software keys only."""
    timestamp_policy: Oid | None = None
    """OID of the time-stamping unit's policy (RFC 3161 2.4.2); unset: one for documentation."""
    crl_shards: Annotated[int, Field(ge=1, le=256)] = 1
    """Number of CRLs into which certificates of the next issuing CA are divided, for good."""


class ProfileSettings(SettingsSection):
    """Certificate profile of one kind; `xinyin ca profiles KIND` shows its limits and defaults."""

    validity_days: int | None = None
    """How long a certificate is valid; unset: the kind's default."""
    validity_hours: int | None = None
    """How long a short-lived certificate is valid, instead of days."""
    policies: Texts | None = None
    """OIDs of the policies that a certificate states; unset: `ca.certificate_policy`, and any
    policy for CAs."""
    algorithms: Texts | None = None
    """Algorithms that a key may be of, the one that new keys get first; unset: the kind's
    default."""


class ProfilesSettings(SettingsSection):
    """Certificate profiles, a table for each kind of certificate."""

    root: ProfileSettings = ProfileSettings()
    issuing: ProfileSettings = ProfileSettings()
    cross: ProfileSettings = ProfileSettings()
    seal: ProfileSettings = ProfileSettings()
    officer: ProfileSettings = ProfileSettings()
    officer_short: ProfileSettings = Field(default=ProfileSettings(), alias="officer-short")
    ocsp: ProfileSettings = ProfileSettings()
    tsa: ProfileSettings = ProfileSettings()
    receipt: ProfileSettings = ProfileSettings()


class ObjectsSettings(SettingsSection):
    """Place of documents and photos: files in the home, or a bucket of an S3-compatible store."""

    place: Literal["files", "bucket"] = "files"
    """Where they are: `objects/` in the home, or the bucket. `xinyin objects move` brings them from
    the one to the other."""
    endpoint: Annotated[str, AfterValidator(_store_address)] | None = None
    """Address of the store, such as `https://s3.internal:9000`. Plain http on this machine's own
    addresses only: documents are of people."""
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    """Bucket, made by whoever runs the store. With versions kept and a lock for new objects it
    outlives a stolen key; `xinyin doctor` tells what it has."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "us-east-1"
    """Region that requests are signed for; stores of one's own take the default."""
    prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40})*)?$")] = ""
    """Beginning of all names in the bucket, where others use it too."""
    secret_file: Path | None = None
    """File with the access key, mode 0600, outside the home: its id on the first line, its secret
    on the second. Unset: the systemd credential `xinyin-objects`, else `AWS_ACCESS_KEY_ID` and
    `AWS_SECRET_ACCESS_KEY`. Give the role `verify` a key that can read only."""
    ca_file: Path | None = None
    """PEM file of the CAs that the store's certificate may be of, beside the system's."""
    timeout_seconds: Annotated[float, Field(ge=1, le=300)] = 20
    """Longest time of one attempt; verifiers wait 5 at most."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Attempts where the store fails in a way that may pass."""


class ArchiveSettings(SettingsSection):
    """Renewal of stored documents: when they get a further timestamp."""

    due_within_days: int = Field(default=180, ge=1, le=3650)
    """How long before the end of what a document's proof rests on it gets a further timestamp."""


def _day(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


Days = Annotated[tuple[Annotated[date, BeforeValidator(_day)], ...], BeforeValidator(_listed)]


class CorrectionSettings(SettingsSection):
    """Clock of requests to correct what a licence says (State Council Order 809, art. 26)."""

    working_days: int = Field(default=10, ge=1, le=60)
    """Working days within which such a request is decided; the day on which it came does not count.
    Compare it with the order's text, and with the rules of your own province, before you rely on
    it."""
    extension_days: int = Field(default=10, ge=1, le=60)
    """Working days by which the clock may be extended, once, with a reason."""
    reminder_days: int = Field(default=3, ge=0, le=30)
    """Days before the last one from which a request is told as due soon."""
    retention_days: int = Field(default=180, ge=1, le=3650)
    """Days after the decision for which what was asked for, the contact and the evidence are kept.
    """
    holidays: Days = ()
    """Days off, as the State Council announces them each year (放假安排), such as 2026-10-01."""
    worked_weekends: Days = ()
    """Saturdays and Sundays that are worked in place of others (调休)."""
    public: bool = False
    """Whether whoever has a licence's own link may ask at `/issuing/correction/…`; let a proxy
    hand that path alone to the Internet."""


class TrustSettings(SettingsSection):
    """Limits of the trust service, and what it demands of its machine."""

    require_synchronised_clock: bool = False
    """Stamp nothing unless the kernel says that something keeps its clock in step. Off, since
    laptops and containers often cannot tell; a public time-stamping authority sets it."""
    ocsp_per_minute: int = Field(default=6_000, ge=1)
    """OCSP requests of one client network to each process; a sixth of them at once."""
    timestamps_per_minute: int = Field(default=600, ge=1)
    """Timestamp requests of one client network to each process; a fifth of them at once."""


class SandboxSettings(SettingsSection):
    """Processes that read files of others: those of the verifier, and those of the intake of
    documents to be signed.
    """

    confinement: Literal["require", "prefer"] = "require"
    """Whether such a process must be held by the kernel's filter of system calls (seccomp), which
    Linux and the usual container runtimes have on x86-64 and aarch64. require: without it no file
    is judged. prefer: files are judged within limits of resources alone, and a warning is logged;
    for other systems and machines."""


class LogSettings(SettingsSection):
    """Level and format of logs; they never hold personal data."""

    format: Literal["auto", "text", "json"] = "auto"
    """JSON: an object a line. auto: text on a terminal, JSON of a service elsewhere; of a command
    JSON where systemd runs it, else text."""
    level: LogLevel = "info"
    """The least that services log; commands log warnings and worse, in text only at the level
    debug."""
    levels: LevelsOfEach = ()
    """Levels of single loggers, such as "access=warning" (no access log but of faults) or
    "access.probes=warning" (no line for each /healthz, /readyz, /metrics)."""

    def level_of_each(self) -> dict[str, str]:
        """Return `levels` by logger."""
        return dict(one.split("=", 1) for one in self.levels)


class Settings(SettingsSection):
    """All sections."""

    service: ServiceSettings
    operator: OperatorSettings
    keys: KeySettings = KeySettings()
    database: DatabaseSettings = DatabaseSettings()
    journal: JournalSettings = JournalSettings()
    verify: VerifySettings = VerifySettings()
    objects: ObjectsSettings = ObjectsSettings()
    issuing: IssuingSettings = IssuingSettings()
    audit: AuditSettings = AuditSettings()
    ca: CaSettings = CaSettings()
    profiles: ProfilesSettings = ProfilesSettings()
    archive: ArchiveSettings = ArchiveSettings()
    corrections: CorrectionSettings = CorrectionSettings()
    trust: TrustSettings = TrustSettings()
    sandbox: SandboxSettings = SandboxSettings()
    log: LogSettings = LogSettings()

    def database_url(self, home: Path) -> str:
        """Return the registry's address: the one that was set, or SQLite in the home."""
        return self.database.url or f"sqlite:///{home / 'registry.db'}"

    def fonts(self, home: Path) -> tuple[tuple[Path, str], ...]:
        """Return the further fonts' paths, each with the SHA-256 that its file must have."""
        pairs = (one.rpartition("=") for one in self.issuing.fonts)
        return tuple((home / path, digest) for path, _, digest in pairs)

    def journal_directory(self, home: Path) -> Path:
        """Return the journal's directory: the one that was set, or one in the home."""
        return self.journal.directory or home / "journal"


def default_home(environment: Mapping[str, str]) -> Path:
    """Return `XINYIN_HOME`, or `xinyin` in the XDG data home."""
    chosen = environment.get("XINYIN_HOME")
    return Path(chosen).expanduser() if chosen else user_data_path("xinyin")


def load_settings(home: Path, environment: Mapping[str, str]) -> Settings:
    """Read the settings of a home. Raises `ConfigurationError` naming the key at fault."""
    path = home / FILE_NAME
    refuse_half_restored(home)
    try:
        with path.open("rb") as file:
            content = tomllib.loads(file.read(MAX_FILE_BYTES).decode())
    except FileNotFoundError as error:
        raise ConfigurationError(messages.home_not_initialized(home)) from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(messages.toml_malformed(path=path, error=error)) from error
    return parse_settings(overruled(content, environment), str(path), environment)


def log_settings(environment: Mapping[str, str]) -> LogSettings:
    """Return the settings in `XINYIN_LOG_*`, for logging before a home's settings are read.

    What cannot hold is left to `load_settings`, which names it.
    """
    try:
        return LogSettings.model_validate(overruled({}, environment, LogSettings, "XINYIN_LOG"))
    except ValidationError:
        return LogSettings()


def refuse_half_restored(home: Path) -> None:
    """Raise `ConfigurationError` for a directory in which a restore was cut off.

    What lies there looks like a home, but lacks what happened after the backup: founding one on it
    would give numbers a second time.
    """
    if (home / RESTORING).exists():
        raise half_restored(home)


def half_restored(home: Path) -> ConfigurationError:
    """Return the error of a home whose restore did not come to its end."""
    return ConfigurationError(messages.restore_unfinished(home))


def parse_settings(
    content: Mapping[str, object],
    source: str,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Settings:
    """Validate settings. Raises `ConfigurationError` naming the first key at fault.

    `source` is where they stand, but for what `environment` overrules.
    """
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        place = variable_of(first["loc"], environment) or source
        raise ConfigurationError(
            messages.setting_invalid(
                place=place,
                key=key,
                fault_zh=fault_zh(first),
                fault_en=fault_en(first),
            ),
        ) from error
    _refuse_ml_dsa_on_a_token(settings, source)
    return settings


def _refuse_ml_dsa_on_a_token(settings: Settings, source: str) -> None:
    keys = settings.keys
    own = (keys.root_uri, keys.ca_uri, keys.trust_uri, keys.issuing_uri, keys.verify_uri)
    uris = {uri or keys.uri for uri in own}  # the audit's key is not of the hierarchy
    if settings.ca.algorithms == "ml-dsa" and not all(uri == "software:" for uri in uris):
        raise ConfigurationError(messages.post_quantum_needs_software_keys(source))


def save_settings(home: Path, settings: Settings) -> None:
    """Write the settings of a new home. Raises `FileExistsError`, `StorageError`."""
    write_atomically(home / FILE_NAME, to_toml(settings), mode=0o600, overwrite=False)


def to_toml(settings: Settings) -> bytes:
    """Return the file's content: what differs from the defaults, UTF-8."""
    content = settings.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude_none=True
    )
    return tomli_w.dumps(content).encode()


def is_saved(home: Path, settings: Settings) -> bool:
    """Tell whether the file of a home says what `settings` say, however it is written."""
    written = (home / FILE_NAME).read_text("utf-8")
    return tomllib.loads(written) == tomllib.loads(to_toml(settings).decode())


def overruled(
    content: Mapping[str, object],
    environment: Mapping[str, str],
    section_type: type[SettingsSection] = Settings,
    prefix: str = "XINYIN",
) -> Mapping[str, object]:
    """Let `XINYIN_SECTION_KEY` overrule `key` in `[section]`, and so on within sections."""
    merged = dict(content)
    for key, field in section_type.model_fields.items():
        name, written = f"{prefix}_{key}".upper(), field.alias or key
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, SettingsSection):
            section = merged.get(written, {})
            if isinstance(section, dict) and (
                changed := overruled(section, environment, kind, name)
            ):
                merged[written] = changed
        elif name in environment and prefix != "XINYIN":
            merged[written] = environment[name]
    return merged
