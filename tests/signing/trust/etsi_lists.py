"""A fictional trusted list of ETSI TS 119 612, signed with XAdES by a key of the test's."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from lxml import etree
from signxml.xades.xades import XAdESSigner

from tests.signing.material import NOW, Entity, make, name

NAMESPACE = "http://uri.etsi.org/02231/v2#"
CA_QC = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
QTST = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
OCSP_QC = "http://uri.etsi.org/TrstSvc/Svctype/Certstatus/OCSP/QC"
GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
WITHDRAWN = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"
FOR_SEALS = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSeals"
FOR_WEB = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForWebSiteAuthentication"
EU_GENERIC = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric"
LIST_OF_LISTS = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists"

OPERATOR = make(name("Trusted List of Ruritania"), start=NOW - timedelta(days=400), days=4000)


@dataclass(frozen=True)
class Service:
    """One service of the list."""

    title: str
    certificate: bytes | None
    type: str = CA_QC
    status: str = GRANTED
    since: str = "2020-01-01T00:00:00Z"
    history: tuple[tuple[str, str], ...] = ()
    """Status and start of earlier times, the newest first."""
    purposes: tuple[str, ...] = ()

    def xml(self) -> str:
        earlier = "".join(
            f"<ServiceHistoryInstance>{self._facts(status, since)}</ServiceHistoryInstance>"
            for status, since in self.history
        )
        return (
            f"<TSPService><ServiceInformation>{self._facts(self.status, self.since)}"
            f"</ServiceInformation>"
            f"{f'<ServiceHistory>{earlier}</ServiceHistory>' if earlier else ''}</TSPService>"
        )

    def _facts(self, status: str, since: str) -> str:
        identity = "<DigitalId><X509SKI>AAAA</X509SKI></DigitalId>"
        if self.certificate is not None:
            encoded = base64.b64encode(self.certificate).decode()
            identity = f"<DigitalId><X509Certificate>{encoded}</X509Certificate></DigitalId>"
        extensions = "".join(
            '<Extension Critical="false"><AdditionalServiceInformation>'
            f'<URI xml:lang="en">{uri}</URI></AdditionalServiceInformation></Extension>'
            for uri in self.purposes
        )
        if extensions:
            extensions = (
                f"<ServiceInformationExtensions>{extensions}</ServiceInformationExtensions>"
            )
        return (
            f"<ServiceTypeIdentifier>{self.type}</ServiceTypeIdentifier>"
            f'<ServiceName><Name xml:lang="ru">x</Name><Name xml:lang="en">{self.title}</Name>'
            f"</ServiceName><ServiceDigitalIdentity>{identity}</ServiceDigitalIdentity>"
            f"<ServiceStatus>{status}</ServiceStatus>"
            f"<StatusStartingTime>{since}</StatusStartingTime>{extensions}"
        )


def content(
    services: Iterable[Service],
    *,
    sequence: str = "12",
    kind: str = EU_GENERIC,
    next_update: str = "2026-06-01T00:00:00Z",
) -> bytes:
    """Return the list without its signature."""
    return (
        f'<TrustServiceStatusList xmlns="{NAMESPACE}" Id="list" TSLTag="x"><SchemeInformation>'
        "<TSLVersionIdentifier>5</TSLVersionIdentifier>"
        f"<TSLSequenceNumber>{sequence}</TSLSequenceNumber><TSLType>{kind}</TSLType>"
        '<SchemeOperatorName><Name xml:lang="rr">Ruritanija</Name>'
        '<Name xml:lang="en">Digital Agency of Ruritania</Name></SchemeOperatorName>'
        "<SchemeTerritory>RR</SchemeTerritory>"
        "<ListIssueDateTime>2026-02-01T00:00:00Z</ListIssueDateTime>"
        f"<NextUpdate><dateTime>{next_update}</dateTime></NextUpdate></SchemeInformation>"
        "<TrustServiceProviderList><TrustServiceProvider><TSPServices>"
        f"{''.join(one.xml() for one in services)}"
        "</TSPServices></TrustServiceProvider></TrustServiceProviderList>"
        "</TrustServiceStatusList>"
    ).encode()


def signed_etsi_list(unsigned: bytes, operator: Entity = OPERATOR) -> bytes:
    """Sign as list operators do: enveloped, three references."""
    signer = XAdESSigner(signature_algorithm="ecdsa-sha256", digest_algorithm="sha256")
    root = signer.sign(etree.fromstring(unsigned), key=operator.key, cert=[operator.certificate])
    return bytes(etree.tostring(root))
