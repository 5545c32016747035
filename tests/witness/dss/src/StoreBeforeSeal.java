import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.DSSException;
import eu.europa.esig.dss.pades.validation.PdfRevision;
import eu.europa.esig.dss.pdf.PDFServiceMode;
import eu.europa.esig.dss.pdf.PDFSignatureService;
import eu.europa.esig.dss.pdf.PdfDocumentReader;
import eu.europa.esig.dss.pdf.PdfDssDict;
import eu.europa.esig.dss.pdf.PdfSignatureRevision;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxNativeObjectFactory;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxSignatureService;
import eu.europa.esig.dss.pdf.pdfbox.visible.PdfBoxSignatureDrawerFactory;
import eu.europa.esig.dss.pdf.pdfbox.visible.nativedrawer.PdfBoxNativeSignatureDrawerFactory;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Reads PDFs as DSS does, but counts a document security store that a signature covers.
 *
 * <p>DSS gives a signature only a store from a later revision. ISO 32000-2 12.8.4.3 and EN 319
 * 142-1 5.4.2 ask for no order; ours stands before the signature so that nothing follows it.
 */
final class StoreBeforeSeal extends PdfBoxNativeObjectFactory {
    @Override
    public PDFSignatureService newPAdESSignatureService() {
        return new Service(new PdfBoxNativeSignatureDrawerFactory());
    }

    private static final class Service extends PdfBoxSignatureService {
        Service(PdfBoxSignatureDrawerFactory drawers) {
            super(PDFServiceMode.SIGNATURE, drawers);
        }

        @Override
        public List<PdfRevision> getRevisions(DSSDocument document, char[] password) {
            PdfDssDict store;
            try (PdfDocumentReader reader = loadPdfDocumentReader(document, password)) {
                store = reader.getDSSDictionary();
            } catch (IOException problem) {
                throw new DSSException("The document security store cannot be read", problem);
            }
            return super.getRevisions(document, password).stream()
                    .map(revision -> counting(revision, store))
                    .collect(Collectors.toList());
        }

        private static PdfRevision counting(PdfRevision revision, PdfDssDict store) {
            if (store == null
                    || !(revision instanceof PdfSignatureRevision signature)
                    || signature.getDssDictionary() != null) {
                return revision;
            }
            return new PdfSignatureRevision(
                    signature.getPdfSigDictInfo(), signature.getCompositeDssDictionary(), store,
                    signature.getFields(), signature.getSignedData(),
                    signature.getPreviousRevision(), signature.areAllOriginalBytesCovered());
        }
    }
}
