package dev.agentlab.http;

import io.vertx.core.Vertx;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the server speaks TLS: versions 1.2 and 1.3, suites with forward secrecy and authenticated
/// encryption only (RFC 9325), HTTP/1.1 on top. Safe for all threads.
final class Tls {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
  private static final Set<String> VERSIONS = Set.of("TLSv1.3", "TLSv1.2");
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  static {
    // Read once, when the JDK is first a server of TLS. A caller could have TLS 1.2 handshakes
    // repeated at will on one connection.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
  }

  private final TlsFiles files;
  private final Vertx vertx;
  private final Duration handshake;

  /// Of the files that were last read.
  private List<FileTime> read = List.of();

  /// @param handshake how long one may take
  Tls(TlsFiles files, Vertx vertx, Duration handshake) {
    this.files = files;
    this.vertx = vertx;
    this.handshake = handshake;
  }

  /// Reads the certificate.
  ///
  /// @throws IllegalArgumentException if it cannot be used, with all that is wrong
  synchronized ServerSSLOptions load() {
    // Before the files are: what changes meanwhile is read again.
    List<FileTime> times = times();
    ServerCertificate certificate = ServerCertificate.read(files, vertx);
    certificate.remarks(Instant.now()).forEach(LOG::warn);
    read = times;
    return options(certificate);
  }

  /// The certificate again, if it has changed and can be used.
  synchronized Optional<ServerSSLOptions> reload() {
    if (times().equals(read)) {
      return Optional.empty();
    }
    try {
      return Optional.of(load());
    } catch (IllegalArgumentException e) {
      // Perhaps only one of the two has been replaced yet.
      LOG.warn("keeping the TLS certificate in use: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private List<FileTime> times() {
    List<FileTime> times = new ArrayList<>(2);
    for (Path file : List.of(files.certificate(), files.key())) {
      try {
        times.add(Files.getLastModifiedTime(file));
      } catch (IOException e) {
        times.add(FileTime.fromMillis(0));
      }
    }
    return times;
  }

  private ServerSSLOptions options(ServerCertificate certificate) {
    ServerSSLOptions options =
        new ServerSSLOptions()
            .setKeyCertOptions(certificate.pem())
            .setEnabledSecureTransportProtocols(VERSIONS)
            .setUseAlpn(true)
            .setApplicationLayerProtocols(List.of("http/1.1"))
            .setSslHandshakeTimeout(handshake.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    SUITES.forEach(options::addEnabledCipherSuite);
    return options;
  }
}
