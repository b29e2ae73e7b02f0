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

/// A certificate and its key as read from two files, which belong together.
///
/// @param pem as Vert.x takes them
/// @param own the server's own certificate
/// @param exposed whether others than its owner and group may read the file of the key
record ServerCertificate(PemKeyCertOptions pem, X509Certificate own, boolean exposed) {
  private static final String CERTIFICATE = "server.tls_cert (SERVER_TLS_CERT): ";
  private static final String KEY = "server.tls_key (SERVER_TLS_KEY): ";
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

  /// Shorter before its end a certificate should have been replaced.
  private static final Duration NEAR = Duration.ofDays(7);

  /// Reads both files.
  ///
  /// @throws IllegalArgumentException with all that is wrong with them
  static ServerCertificate read(TlsFiles files, Vertx vertx) {
    List<String> faults = new ArrayList<>();
    Optional<byte[]> chain = bytes(files.certificate(), CERTIFICATE, faults);
    Optional<byte[]> key = bytes(files.key(), KEY, faults);
    Optional<X509Certificate> own = chain.flatMap(bytes -> own(bytes, files.certificate(), faults));
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    PemKeyCertOptions pem =
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(chain.orElseThrow()))
            .addKeyValue(Buffer.buffer(key.orElseThrow()));
    if (key(pem, own.orElseThrow(), vertx)
        .filter(found -> belongTogether(own.get(), found))
        .isEmpty()) {
      throw new IllegalArgumentException(
          KEY
              + "%s is not the private key of the first certificate in %s, which must be the server's"
                  .formatted(files.key(), files.certificate())
              + " own; a key is PEM of PKCS#8, PKCS#1 (RSA) or SEC 1 (EC), and not encrypted");
    }
    return new ServerCertificate(pem, own.get(), isExposed(files.key()));
  }

  /// What an operator should know about it.
  Stream<String> remarks(Instant now) {
    Instant from = own.getNotBefore().toInstant();
    Instant until = own.getNotAfter().toInstant();
    Stream<String> validity =
        now.isAfter(until)
            ? Stream.of(
                "the TLS certificate has expired at %s: clients will refuse it".formatted(until))
            : now.isBefore(from)
                ? Stream.of("the TLS certificate is valid from %s only".formatted(from))
                : now.plus(NEAR).isAfter(until)
                    ? Stream.of("the TLS certificate expires at %s".formatted(until))
                    : Stream.of();
    return Stream.concat(
        validity,
        exposed
            ? Stream.of("anyone on this machine may read the key of the TLS certificate: chmod 600")
            : Stream.of());
  }

  private static Optional<byte[]> bytes(Path file, String setting, List<String> faults) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      faults.add(setting + "there is no file " + file);
    } catch (IOException e) {
      faults.add(setting + "%s cannot be read by this user".formatted(file));
    }
    return Optional.empty();
  }

  private static Optional<X509Certificate> own(byte[] pem, Path file, List<String> faults) {
    try {
      var found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (!found.isEmpty()) {
        return Optional.of((X509Certificate) found.iterator().next());
      }
    } catch (CertificateException _) {
      // Said below.
    }
    faults.add(CERTIFICATE + "%s has no certificate in PEM".formatted(file));
    return Optional.empty();
  }

  private static Optional<PrivateKey> key(PemKeyCertOptions pem, X509Certificate own, Vertx vertx) {
    KeyManager[] managers;
    try {
      managers = pem.getKeyManagerFactory(vertx).getKeyManagers();
    } catch (Exception e) {
      // No key, or one of another certificate. The message may repeat what stands in the file, so
      // it
      // goes nowhere.
      return Optional.empty();
    }
    return Arrays.stream(managers)
        .filter(X509KeyManager.class::isInstance)
        .map(X509KeyManager.class::cast)
        .flatMap(keys ->
            Stream.ofNullable(keys.getServerAliases(own.getPublicKey().getAlgorithm(), null))
                .flatMap(Arrays::stream)
                .flatMap(alias -> Stream.ofNullable(keys.getPrivateKey(alias))))
        .findFirst();
  }

  private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    String algorithm =
        switch (certificate.getPublicKey().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case String other -> other;
        };
    try {
      byte[] text = {1, 2, 3};
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(text);
      byte[] signature = signing.sign();
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(certificate.getPublicKey());
      checking.update(text);
      return checking.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static boolean isExposed(Path key) {
    try {
      return Files.getPosixFilePermissions(key).stream().anyMatch(OTHERS::contains);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
