import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * veraPDF as a judge of PDF/A and PDF/UA, many files in one process.
 *
 * <p>Each line of the input names a file, and after a tab the flavours to judge it by, with commas
 * between ({@code 3a,ua1}). Each line of the output has, in the same order and with tabs between,
 * {@code flavour clause-test: what is asked} of each rule that the file breaks; {@code ok} alone
 * where it breaks none, {@code error: …} where it could not be judged.
 */
public final class Conformance {
    private static final PrintStream ANSWERS = System.out;

    private Conformance() {}

    public static void main(String[] arguments) throws IOException {
        System.setOut(System.err); // what libraries say is no answer
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            ANSWERS.write((answer(line.split("\t")) + "\n").getBytes(StandardCharsets.UTF_8));
            ANSWERS.flush();
        }
    }

    private static String answer(String[] request) {
        try {
            var broken = new ArrayList<String>();
            for (String flavour : request[1].split(",")) {
                broken.addAll(judge(Path.of(request[0]), flavour));
            }
            return broken.isEmpty() ? "ok" : String.join("\t", broken);
        } catch (Exception | LinkageError problem) {
            return "error: " + problem.toString().replaceAll("\\s+", " ");
        }
    }

    private static List<String> judge(Path file, String name) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.fromString(name);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            throw new IllegalArgumentException("no flavour: " + name);
        }
        try (var bytes = Files.newInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(bytes, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            var broken = new TreeSet<String>();
            for (TestAssertion one : result.getTestAssertions()) {
                var rule = one.getRuleId();
                broken.add(
                        (name + " " + rule.getClause() + "-" + rule.getTestNumber() + ": " + one.getMessage())
                                .replaceAll("\\s+", " "));
            }
            if (broken.isEmpty() && !result.isCompliant()) {
                broken.add(name + ": not compliant");
            }
            return new ArrayList<>(broken);
        }
    }
}
