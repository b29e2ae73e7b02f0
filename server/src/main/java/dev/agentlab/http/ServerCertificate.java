package dev.agentlab.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/// The TLS certificate of the server and its matching private key, read from two files.
///
/// @param pem the certificate chain and the key as Vert.x options
/// @param leaf the leaf certificate, that of the server itself
/// @param isKeyExposed whether the key file is readable or writable for others than owner and group
record ServerCertificate(PemKeyCertOptions pem, X509Certificate leaf, boolean isKeyExposed) {
  private static final String CERTIFICATE_SETTING = "server.tls_cert (SERVER_TLS_CERT): ";
  private static final String KEY_SETTING = "server.tls_key (SERVER_TLS_KEY): ";
  private static final Set<PosixFilePermission> OTHERS_PERMISSIONS =
      EnumSet.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

  /// The time before expiry at which a warning is logged.
  private static final Duration EXPIRY_WARNING_PERIOD = Duration.ofDays(7);

  /// Reads and validates both files.
  ///
  /// @throws IllegalArgumentException with all errors
  static ServerCertificate read(TlsFiles files, Vertx vertx) {
    List<String> errors = new ArrayList<>();
    Optional<byte[]> chain = readFile(files.certificate(), CERTIFICATE_SETTING, errors);
    Optional<byte[]> key = readFile(files.key(), KEY_SETTING, errors);
    Optional<X509Certificate> leaf =
        chain.flatMap(bytes -> leaf(bytes, files.certificate(), errors));
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", errors));
    }
    PemKeyCertOptions pem =
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(chain.orElseThrow()))
            .addKeyValue(Buffer.buffer(key.orElseThrow()));
    if (findKey(pem, leaf.orElseThrow(), vertx)
        .filter(found -> matches(leaf.get(), found))
        .isEmpty()) {
      throw new IllegalArgumentException(
          KEY_SETTING
              + "%s is not the private key of the first certificate in %s, which must be that of the"
                  .formatted(files.key(), files.certificate())
              + " server; the key must be unencrypted PEM in PKCS#8, PKCS#1 (RSA) or SEC 1 (EC)");
    }
    return new ServerCertificate(pem, leaf.get(), isAccessibleToOthers(files.key()));
  }

  /// Returns warnings for the operator.
  Stream<String> warnings(Instant now) {
    Instant from = leaf.getNotBefore().toInstant();
    Instant until = leaf.getNotAfter().toInstant();
    Stream<String> validity =
        now.isAfter(until)
            ? Stream.of("TLS certificate has expired at %s; clients reject it".formatted(until))
            : now.isBefore(from)
                ? Stream.of("TLS certificate is not valid before %s".formatted(from))
                : now.plus(EXPIRY_WARNING_PERIOD).isAfter(until)
                    ? Stream.of("TLS certificate expires at %s".formatted(until))
                    : Stream.of();
    return Stream.concat(
        validity,
        isKeyExposed
            ? Stream.of(
                "TLS key file is accessible to all users of this machine; run chmod 600 on it")
            : Stream.of());
  }

  private static Optional<byte[]> readFile(Path file, String setting, List<String> errors) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      errors.add(setting + "file not found: " + file);
    } catch (IOException e) {
      errors.add(setting + "file is not readable for this user: " + file);
    }
    return Optional.empty();
  }

  private static Optional<X509Certificate> leaf(byte[] pem, Path file, List<String> errors) {
    try {
      var found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (!found.isEmpty()) {
        return Optional.of((X509Certificate) found.iterator().next());
      }
    } catch (CertificateException _) {
      // Reported below.
    }
    errors.add(CERTIFICATE_SETTING + "%s does not contain a certificate in PEM".formatted(file));
    return Optional.empty();
  }

  private static Optional<PrivateKey> findKey(
      PemKeyCertOptions pem, X509Certificate leaf, Vertx vertx) {
    KeyManager[] managers;
    try {
      managers = pem.getKeyManagerFactory(vertx).getKeyManagers();
    } catch (Exception e) {
      // Not a key, or the key of another certificate. The message is dropped, because it may quote
      // the file.
      return Optional.empty();
    }
    return Arrays.stream(managers)
        .filter(X509KeyManager.class::isInstance)
        .map(X509KeyManager.class::cast)
        .flatMap(keys ->
            Stream.ofNullable(keys.getServerAliases(leaf.getPublicKey().getAlgorithm(), null))
                .flatMap(Arrays::stream)
                .flatMap(alias -> Stream.ofNullable(keys.getPrivateKey(alias))))
        .findFirst();
  }

  private static boolean matches(X509Certificate certificate, PrivateKey key) {
    String algorithm =
        switch (certificate.getPublicKey().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case String other -> other;
        };
    try {
      byte[] message = {1, 2, 3};
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(message);
      byte[] signature = signing.sign();
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(certificate.getPublicKey());
      checking.update(message);
      return checking.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static boolean isAccessibleToOthers(Path key) {
    try {
      return Files.getPosixFilePermissions(key).stream().anyMatch(OTHERS_PERMISSIONS::contains);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
