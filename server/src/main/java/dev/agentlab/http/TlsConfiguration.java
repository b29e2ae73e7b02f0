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

/// The TLS configuration of the server: TLS 1.2 and 1.3, cipher suites with forward secrecy and
/// authenticated encryption only (RFC 9325), HTTP/1.1 over ALPN. Loads and reloads the certificate.
/// Safe for all threads.
final class TlsConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(TlsConfiguration.class);
  private static final Set<String> VERSIONS = Set.of("TLSv1.3", "TLSv1.2");
  private static final List<String> CIPHER_SUITES =
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
    // Read once, when the JDK first acts as a TLS server. Prevents clients from renegotiating TLS
    // 1.2 repeatedly on one connection.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
  }

  private final TlsFiles files;
  private final Vertx vertx;
  private final Duration handshakeTimeout;

  /// The modification times of the files that were last read.
  private List<FileTime> loadedTimes = List.of();

  /// @param handshakeTimeout the maximum duration of a handshake
  TlsConfiguration(TlsFiles files, Vertx vertx, Duration handshakeTimeout) {
    this.files = files;
    this.vertx = vertx;
    this.handshakeTimeout = handshakeTimeout;
  }

  /// Loads the certificate.
  ///
  /// @throws IllegalArgumentException if it is unusable, with all errors
  synchronized ServerSSLOptions load() {
    // Before reading the files, so that a change in between causes another reload.
    List<FileTime> times = modificationTimes();
    ServerCertificate certificate = ServerCertificate.read(files, vertx);
    certificate.warnings(Instant.now()).forEach(LOG::warn);
    loadedTimes = times;
    return options(certificate);
  }

  /// Reloads the certificate; empty if it is unchanged or unusable.
  synchronized Optional<ServerSSLOptions> reload() {
    if (modificationTimes().equals(loadedTimes)) {
      return Optional.empty();
    }
    try {
      return Optional.of(load());
    } catch (IllegalArgumentException e) {
      // Possibly only one of the two files has been replaced so far.
      LOG.warn("TLS certificate not reloaded, keeping the current one error={}", e.getMessage());
      return Optional.empty();
    }
  }

  private List<FileTime> modificationTimes() {
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
            .setSslHandshakeTimeout(handshakeTimeout.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
    return options;
  }
}
