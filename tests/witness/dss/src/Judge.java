import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.enumerations.RevocationType;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlSignatureScope;
import eu.europa.esig.dss.simplereport.jaxb.XmlTimestamp;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.reports.Reports;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * EU DSS as a judge of signed PDFs, many in one process and without a network.
 *
 * <p>Each line of the input names a file, a folder of trust, the time as of which to judge, and
 * {@code stock}, or {@code counted} for DSS with {@link StoreBeforeSeal}, with tabs between. A
 * folder of trust has certificates in {@code anchors/}, and in {@code known/} what may complete a
 * path or tell of revocation: {@code *.cer}, {@code *.crl}, {@code *.ocsp}, all DER. Nothing else is
 * known but what stands in the file itself. Each line of the output is the judgement as JSON, in the
 * same order.
 */
public final class Judge {
    private static final PrintStream ANSWERS = System.out;

    private Judge() {}

    public static void main(String[] arguments) throws IOException {
        System.setOut(System.err); // what libraries say is no answer
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            ANSWERS.write((json(judge(line.split("\t"))) + "\n").getBytes(StandardCharsets.UTF_8));
            ANSWERS.flush();
        }
    }

    private static Map<String, Object> judge(String[] request) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("path", request[0]);
        try {
            var validator = new PDFDocumentValidator(new FileDocument(request[0]));
            validator.setCertificateVerifier(verifier(Path.of(request[1])));
            validator.setValidationTime(Date.from(Instant.parse(request[2])));
            if (request[3].equals("counted")) {
                validator.setPdfObjFactory(new StoreBeforeSeal());
            }
            describe(answer, validator.validateDocument());
        } catch (Exception | StackOverflowError | OutOfMemoryError problem) {
            answer.put("error", problem.getClass().getSimpleName() + ": " + problem.getMessage());
        }
        return answer;
    }

    private static CommonCertificateVerifier verifier(Path trust) throws IOException {
        var verifier = new CommonCertificateVerifier(true); // the simple one has no data loaders
        verifier.setAIASource(null);
        var anchors = new CommonTrustedCertificateSource();
        for (Path path : files(trust.resolve("anchors"), ".cer")) {
            anchors.addCertificate(DSSUtils.loadCertificate(path.toFile()));
        }
        verifier.setTrustedCertSources(anchors);
        Path known = trust.resolve("known");
        var adjunct = new CommonCertificateSource();
        for (Path path : files(known, ".cer")) {
            adjunct.addCertificate(DSSUtils.loadCertificate(path.toFile()));
        }
        verifier.setAdjunctCertSources(adjunct);
        verifier.setCrlSource(new ExternalResourcesCRLSource(documents(known, ".crl")));
        verifier.setOcspSource(new ExternalResourcesOCSPSource(documents(known, ".ocsp")));
        return verifier;
    }

    private static DSSDocument[] documents(Path folder, String suffix) throws IOException {
        return files(folder, suffix).stream()
                .map(path -> new FileDocument(path.toFile()))
                .toArray(DSSDocument[]::new);
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(path -> path.toString().endsWith(suffix))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    private static void describe(Map<String, Object> answer, Reports reports) {
        SimpleReport report = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        var signatures = new ArrayList<Object>();
        for (String id : report.getSignatureIdList()) {
            signatures.add(signature(report, data.getSignatureById(id), id));
        }
        answer.put("signatures", signatures);
        var timestamps = new ArrayList<Object>();
        for (String id : report.getTimestampIdList()) {
            timestamps.add(verdict(report, id));
        }
        answer.put("detached_timestamps", timestamps);
    }

    private static Map<String, Object> signature(
            SimpleReport report, SignatureWrapper found, String id) {
        Map<String, Object> told = verdict(report, id);
        SignatureLevel level = report.getSignatureFormat(id);
        told.put("level", level == null ? null : level.toString());
        told.put("best_time", instant(report.getBestSignatureTime(id)));
        told.put("claimed_time", instant(report.getSigningTime(id)));
        told.put("intact", found.isSignatureIntact());
        told.put("valid", found.isSignatureValid());
        told.put("scopes", report.getSignatureScopes(id).stream()
                .map(XmlSignatureScope::getScope)
                .map(Object::toString)
                .collect(Collectors.toList()));
        var changes = new LinkedHashMap<String, Object>();
        changes.put("extension", found.getPdfExtensionChanges().size());
        changes.put("signature_or_form", found.getPdfSignatureOrFormFillChanges().size());
        changes.put("annotation", found.getPdfAnnotationChanges().size());
        changes.put("undefined", found.getPdfUndefinedChanges().size());
        changes.put("overlapping_pages", found.getPdfAnnotationsOverlapConcernedPages().size());
        changes.put("different_pages", found.getPdfVisualDifferenceConcernedPages().size()
                + found.getPdfPageDifferenceConcernedPages().size());
        told.put("changes", changes);
        var timestamps = new ArrayList<Object>();
        for (XmlTimestamp timestamp : report.getSignatureTimestamps(id)) {
            Map<String, Object> stamp = verdict(report, timestamp.getId());
            stamp.put("time", instant(timestamp.getProductionTime()));
            timestamps.add(stamp);
        }
        told.put("timestamps", timestamps);
        told.put("revocation", found.foundRevocations().getRelatedRevocationData().stream()
                .map(one -> one.getRevocationType() == RevocationType.OCSP ? "OCSP" : "CRL")
                .distinct().sorted().collect(Collectors.toList()));
        return told;
    }

    private static Map<String, Object> verdict(SimpleReport report, String id) {
        var told = new LinkedHashMap<String, Object>();
        told.put("indication", String.valueOf(report.getIndication(id)));
        var reason = report.getSubIndication(id);
        told.put("sub_indication", reason == null ? null : reason.toString());
        told.put("errors", texts(report.getAdESValidationErrors(id)));
        told.put("warnings", texts(report.getAdESValidationWarnings(id)));
        return told;
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream()
                .map(message -> message.getKey() + ": " + message.getValue())
                .collect(Collectors.toList());
    }

    private static String instant(Date date) {
        return date == null ? null : date.toInstant().toString();
    }

    private static String json(Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            return String.valueOf(value);
        }
        if (value instanceof Map<?, ?> members) {
            return members.entrySet().stream()
                    .map(member -> json(member.getKey()) + ": " + json(member.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Collection<?> list) {
            return list.stream().map(Judge::json).collect(Collectors.joining(", ", "[", "]"));
        }
        var quoted = new StringBuilder("\"");
        for (char letter : value.toString().toCharArray()) {
            if (letter == '"' || letter == '\\') {
                quoted.append('\\').append(letter);
            } else if (letter < ' ' || Character.isSurrogate(letter)) {
                quoted.append(String.format("\\u%04x", (int) letter));
            } else {
                quoted.append(letter);
            }
        }
        return quoted.append('"').toString();
    }
}
