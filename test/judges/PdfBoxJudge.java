// PDFBox with BouncyCastle as a judge of signed PDFs: a path a line on standard input, one answer a line; ISO 32000-2, 12.8, RFC 5652, RFC 3161, SM2 and SM3.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.text.PDFTextStripper;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignerDigestMismatchException;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;

public class PdfBoxJudge {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                System.out.println(String.join("\t", answer(Files.readAllBytes(Path.of(line)))));
            } catch (Exception refused) {
                System.out.println("refused " + refused);
            }
        }
    }

    /** The text of every page, its lines joined by spaces; then every signature: format, `whole` or `part`, `good` or `bad`. */
    static List<String> answer(byte[] file) throws Exception {
        List<String> words = new ArrayList<>();
        try (PDDocument document = PDDocument.load(file)) {
            PDFTextStripper stripper = new PDFTextStripper();
            for (int page = 1; page <= document.getNumberOfPages(); page++) {
                stripper.setStartPage(page);
                stripper.setEndPage(page);
                words.add("page " + stripper.getText(document).strip().replaceAll("\\s+", " "));
            }
            for (PDSignature signature : document.getSignatureDictionaries())
                words.add(signature.getSubFilter() + " " + coverage(signature, file) + " " + verdict(signature, file));
        }
        return words;
    }

    /** Whole: everything but the value itself, from the first byte to the last. */
    static String coverage(PDSignature signature, byte[] file) {
        int[] range = signature.getByteRange();
        boolean gap = range[0] == 0 && file[range[1]] == '<' && file[range[2] - 1] == '>';
        return gap && range[2] + range[3] == file.length ? "whole" : "part";
    }

    static String verdict(PDSignature signature, byte[] file) throws Exception {
        byte[] signed = signature.getSignedContent(file);
        byte[] value = signature.getContents(file);
        boolean good = "ETSI.RFC3161".equals(signature.getSubFilter()) ? isStamped(value, signed) : isSigned(value, signed);
        return good ? "good" : "bad";
    }

    static boolean isSigned(byte[] value, byte[] signed) throws Exception {
        CMSSignedData data = new CMSSignedData(new CMSProcessableByteArray(signed), value);
        int signers = 0;
        try {
            for (SignerInformation signer : data.getSignerInfos().getSigners()) {
                if (!signer.verify(verifierOf(data, signer))) return false;
                signers++;
            }
        } catch (CMSSignerDigestMismatchException changed) {
            return false;
        }
        return signers == 1;
    }

    static boolean isStamped(byte[] value, byte[] signed) throws Exception {
        CMSSignedData data = new CMSSignedData(value);
        TimeStampToken token = new TimeStampToken(data);
        SignerInformation signer = data.getSignerInfos().getSigners().iterator().next();
        String algorithm = token.getTimeStampInfo().getHashAlgorithm().getAlgorithm().getId();
        byte[] imprint = MessageDigest.getInstance(algorithm, "BC").digest(signed);
        return signer.verify(verifierOf(data, signer))
            && MessageDigest.isEqual(imprint, token.getTimeStampInfo().getMessageImprintDigest());
    }

    static SignerInformationVerifier verifierOf(CMSSignedData data, SignerInformation signer) throws Exception {
        Object found = data.getCertificates().getMatches(signer.getSID()).iterator().next();
        return new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build((X509CertificateHolder) found);
    }
}
