// BouncyCastle as a judge of SM2 certificates and CMS messages: one command a line on standard input, one answer a line; GB/T 35275-2017, GM/T 0009, RFC 5652.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultCMSSignatureAlgorithmNameGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.util.Arrays;

public class BouncyCastleJudge {
    /** GB/T 35275-2017: SignedData, data, and SM2 as signature algorithm with the digest beside it. */
    static final String GM = "1.2.156.10197.6.1.4.2.";
    static final ASN1ObjectIdentifier SM2_SIGN = new ASN1ObjectIdentifier("1.2.156.10197.1.301.1");

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                System.out.println(answer(line.split(" ")));
            } catch (Exception refused) {
                System.out.println("refused " + refused);
            }
        }
    }

    static String answer(String[] words) throws Exception {
        switch (words[0]) {
            case "certificate": // certificate <certificate> <issuer>
                return good(certificate(words[1]).isSignatureValid(
                    new JcaContentVerifierProviderBuilder().setProvider("BC").build(certificate(words[2]))));
            case "crl": // crl <list> <issuer>
                return good(new X509CRLHolder(read(words[1])).isSignatureValid(
                    new JcaContentVerifierProviderBuilder().setProvider("BC").build(certificate(words[2]))));
            case "request": { // request <PKCS #10 request>
                PKCS10CertificationRequest request = new PKCS10CertificationRequest(read(words[1]));
                return good(request.isSignatureValid(
                    new JcaContentVerifierProviderBuilder().setProvider("BC").build(request.getSubjectPublicKeyInfo())));
            }
            case "ocsp": // ocsp <response> <issuer>
                return ocsp((BasicOCSPResp) new OCSPResp(read(words[1])).getResponseObject(), certificate(words[2]));
            case "zip": // zip <archive>
                return zip(Path.of(words[1]));
            case "ses": // ses <SES_Signature of version 4 or 5> <what was signed>
                return ses(read(words[1]), read(words[2]));
            case "verify": // verify <message> [<detached content>]
                return verify(read(words[1]), words.length > 2 ? read(words[2]) : null);
            case "sign": // sign rfc5652|gbt35275 attached|detached <pkcs8> <certificate> <content> <message to write>
                Files.write(Path.of(words[6]), sign(words[1].equals("gbt35275"), words[2].equals("attached"),
                    read(words[3]), certificate(words[4]), read(words[5])));
                return "good";
            default:
                return "refused: no such command";
        }
    }

    /** The status of the first certificate, when a responder that the issuer has certified signed it. */
    static String ocsp(BasicOCSPResp response, X509CertificateHolder issuer) throws Exception {
        X509CertificateHolder responder = response.getCerts()[0];
        boolean delegated = responder.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(issuer));
        boolean signed = response.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(responder));
        if (!delegated || !signed) return "bad";
        CertificateStatus status = response.getResponses()[0].getCertStatus();
        return status == CertificateStatus.GOOD ? "good" : status instanceof RevokedStatus ? "revoked" : "unknown";
    }

    /** The names of all entries, when each can be read with its checksum in both ways. */
    static String zip(Path path) throws Exception {
        List<String> listed = new ArrayList<>();
        try (ZipFile file = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(file.entries())) {
                file.getInputStream(entry).readAllBytes();
                listed.add(entry.getName());
            }
        }
        List<String> met = new ArrayList<>();
        try (ZipInputStream stream = new ZipInputStream(Files.newInputStream(path))) {
            for (ZipEntry entry = stream.getNextEntry(); entry != null; entry = stream.getNextEntry()) {
                stream.readAllBytes();
                met.add(entry.getName());
            }
        }
        return listed.equals(met) ? String.join(" ", listed) : "bad";
    }

    /** GM/T 0031: the signature over TBS_Sign, the signer in the seal, the maker's signature over the seal, the digest of what was signed. */
    static String ses(byte[] value, byte[] signed) throws Exception {
        ASN1Sequence signature = ASN1Sequence.getInstance(value);
        ASN1Sequence tbs = ASN1Sequence.getInstance(signature.getObjectAt(0));
        ASN1Sequence seal = ASN1Sequence.getInstance(tbs.getObjectAt(1));
        ASN1Sequence info = ASN1Sequence.getInstance(seal.getObjectAt(0));
        byte[] signer = ASN1OctetString.getInstance(signature.getObjectAt(1)).getOctets();
        byte[] listed = ASN1OctetString.getInstance(ASN1Sequence.getInstance(
            ASN1Sequence.getInstance(info.getObjectAt(2)).getObjectAt(3)).getObjectAt(0)).getOctets();
        byte[] maker = ASN1OctetString.getInstance(seal.getObjectAt(1)).getOctets();
        byte[] digest = java.security.MessageDigest.getInstance("SM3", "BC").digest(signed);
        return good(sm2(signer, tbs, signature.getObjectAt(3)) && sm2(maker, info, seal.getObjectAt(3))
            && Arrays.areEqual(signer, listed)
            && Arrays.areEqual(digest, ASN1BitString.getInstance(tbs.getObjectAt(3)).getOctets())
            && ASN1Integer.getInstance(tbs.getObjectAt(0)).intValueExact()
                == ASN1Integer.getInstance(ASN1Sequence.getInstance(info.getObjectAt(0)).getObjectAt(1)).intValueExact());
    }

    static boolean sm2(byte[] certificate, ASN1Sequence data, ASN1Encodable value) throws Exception {
        Signature verifier = Signature.getInstance("SM3WITHSM2", "BC");
        verifier.initVerify(KeyFactory.getInstance("EC", "BC").generatePublic(new X509EncodedKeySpec(
            new X509CertificateHolder(certificate).getSubjectPublicKeyInfo().getEncoded())));
        verifier.update(data.getEncoded("DER"));
        return verifier.verify(ASN1BitString.getInstance(value).getOctets());
    }

    static String verify(byte[] message, byte[] detached) throws Exception {
        ContentInfo info = ContentInfo.getInstance(message);
        CMSSignedData data = detached == null
            ? new CMSSignedData(info)
            : new CMSSignedData(new CMSProcessableByteArray(new ASN1ObjectIdentifier(
                SignedData.getInstance(info.getContent()).getEncapContentInfo().getContentType().getId()), detached), info);
        int signers = 0;
        for (SignerInformation signer : data.getSignerInfos().getSigners()) {
            X509CertificateHolder holder = (X509CertificateHolder) data.getCertificates().getMatches(signer.getSID()).iterator().next();
            SignerInformationVerifier verifier = new SignerInformationVerifier(
                new DefaultCMSSignatureAlgorithmNameGenerator() {
                    @Override
                    public String getSignatureName(AlgorithmIdentifier digest, AlgorithmIdentifier signature) {
                        return signature.getAlgorithm().equals(SM2_SIGN) ? "SM3WITHSM2" : super.getSignatureName(digest, signature);
                    }
                },
                new DefaultSignatureAlgorithmIdentifierFinder(),
                new JcaContentVerifierProviderBuilder().setProvider("BC").build(holder),
                new JcaDigestCalculatorProviderBuilder().setProvider("BC").build());
            if (!signer.verify(verifier)) return "bad";
            signers++;
        }
        return good(signers == 1);
    }

    static byte[] sign(boolean gm, boolean attached, byte[] pkcs8, X509CertificateHolder certificate, byte[] content) throws Exception {
        PrivateKey key = KeyFactory.getInstance("EC", "BC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        ContentSigner inner = new JcaContentSignerBuilder("SM3WITHSM2").setProvider("BC").build(key);
        byte[] digest = java.security.MessageDigest.getInstance("SM3", "BC").digest(certificate.getEncoded());
        ESSCertIDv2 reference = new ESSCertIDv2(new AlgorithmIdentifier(GMObjectIdentifiers.sm3), digest);
        ASN1EncodableVector attributes = new ASN1EncodableVector();
        attributes.add(new Attribute(PKCSObjectIdentifiers.id_aa_signingCertificateV2,
            new DERSet(new SigningCertificateV2(new ESSCertIDv2[] {reference}))));
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
            new SignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider("BC").build())
                .setContentDigest(new AlgorithmIdentifier(GMObjectIdentifiers.sm3))
                .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(new AttributeTable(attributes)))
                .build(gm ? named(inner, SM2_SIGN) : inner, certificate));
        generator.addCertificates(new JcaCertStore(List.of(certificate)));
        ASN1ObjectIdentifier type = gm ? new ASN1ObjectIdentifier(GM + "1") : PKCSObjectIdentifiers.data;
        CMSSignedData made = generator.generate(new CMSProcessableByteArray(type, content), attached);
        if (!gm) return made.toASN1Structure().getEncoded("DER");
        SignedData data = SignedData.getInstance(made.toASN1Structure().getContent());
        ASN1EncodableVector members = new ASN1EncodableVector();
        members.add(new ASN1Integer(1)); // the generator counts as RFC 5652, 5.1 does; GB/T 35275 has one version
        members.add(data.getDigestAlgorithms());
        members.add(data.getEncapContentInfo());
        members.add(new org.bouncycastle.asn1.DERTaggedObject(false, 0, data.getCertificates()));
        members.add(data.getSignerInfos());
        return new ContentInfo(new ASN1ObjectIdentifier(GM + "2"), new DERSequence(members)).getEncoded("DER");
    }

    /** The same signer under another algorithm identifier. */
    static ContentSigner named(ContentSigner inner, ASN1ObjectIdentifier algorithm) {
        return new ContentSigner() {
            @Override public AlgorithmIdentifier getAlgorithmIdentifier() { return new AlgorithmIdentifier(algorithm); }
            @Override public java.io.OutputStream getOutputStream() { return inner.getOutputStream(); }
            @Override public byte[] getSignature() { return Arrays.clone(inner.getSignature()); }
        };
    }

    static X509CertificateHolder certificate(String path) throws Exception {
        return new X509CertificateHolder(read(path));
    }

    static byte[] read(String path) throws Exception {
        return Files.readAllBytes(Path.of(path));
    }

    static String good(boolean verdict) {
        return verdict ? "good" : "bad";
    }
}
