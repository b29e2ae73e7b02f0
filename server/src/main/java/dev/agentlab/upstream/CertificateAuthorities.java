package dev.agentlab.upstream;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;

/// Certificate authorities that are trusted beside those of the JDK.
public record CertificateAuthorities(Set<X509Certificate> certificates) {
  /// No additional authorities.
  public static final CertificateAuthorities NONE = new CertificateAuthorities(Set.of());

  private static final int MAX_CERTIFICATES = 1_000;
  private static final String BEGIN = "-----BEGIN ";
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

  public CertificateAuthorities {
    certificates = Set.copyOf(certificates);
  }

  /// Parses certificates in PEM (RFC 7468). Text between the certificates is ignored.
  ///
  /// @throws IllegalArgumentException if there is none, if one is invalid, or if the text contains
  ///   anything else in PEM; the message states what is accepted and contains no part of the text
  public static CertificateAuthorities parsePem(String pem) {
    if (BLOCK.matcher(pem).replaceAll("").contains(BEGIN)) {
      throw new IllegalArgumentException(
          "must contain only certificates: another PEM block, such as a private key, is not"
              + " accepted");
    }
    Set<X509Certificate> certificates = new LinkedHashSet<>();
    Matcher block = BLOCK.matcher(pem);
    while (block.find()) {
      certificates.add(parseCertificate(block.group(1)));
    }
    if (certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
      throw new IllegalArgumentException(
          "must be 1 to %d certificates in PEM, each beginning with -----BEGIN CERTIFICATE-----"
              .formatted(MAX_CERTIFICATES));
    }
    return new CertificateAuthorities(certificates);
  }

  private static X509Certificate parseCertificate(String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException | IllegalArgumentException e) {
      throw new IllegalArgumentException("contains a certificate that is damaged", e);
    }
  }

  /// Whether there is no additional authority.
  boolean isEmpty() {
    return certificates.isEmpty();
  }

  /// These and other authorities.
  CertificateAuthorities plus(CertificateAuthorities other) {
    Set<X509Certificate> all = new LinkedHashSet<>(certificates);
    all.addAll(other.certificates);
    return new CertificateAuthorities(all);
  }
}
