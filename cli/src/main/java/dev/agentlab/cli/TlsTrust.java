package dev.agentlab.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The trust manager for connections to the service. It accepts certificates issued by the
/// platform's or additional certificate authorities for the host name of the connection. On this
/// machine it also accepts the certificate of the service itself, for any host name.
final class TlsTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager authorities;
  private final Optional<X509Certificate> serviceCertificate;

  private TlsTrust(X509ExtendedTrustManager authorities, Optional<X509Certificate> own) {
    this.authorities = authorities;
    this.serviceCertificate = own;
  }

  /// Creates the TLS context of a client of the service.
  ///
  /// @param more a PEM file with certificates of additional authorities
  /// @param own a PEM file with the certificate of the service on this machine; ignored if it
  ///   cannot be read, because it may be readable only by the user of the service
  /// @throws CommandFailure if the additional authorities cannot be read
  static SSLContext createContext(Optional<Path> more, Optional<Path> own) {
    List<X509Certificate> additional = more.map(TlsTrust::authorities).orElse(List.of());
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TlsTrust trust =
          new TlsTrust(authorities(additional), own.flatMap(TlsTrust::firstCertificate));
      context.init(null, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, "cannot set up TLS: " + e.getMessage());
    }
  }

  private static List<X509Certificate> authorities(Path file) {
    List<X509Certificate> found;
    try {
      found = readCertificates(file);
    } catch (NoSuchFileException _) {
      throw new CommandFailure(ExitCode.USAGE, "--ca-file: file not found: %s".formatted(file));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "--ca-file: cannot read %s: %s".formatted(file, e.getMessage()));
    } catch (CertificateException _) {
      found = List.of();
    }
    if (found.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "--ca-file: %s contains no PEM certificates".formatted(file));
    }
    return found;
  }

  /// The first certificate of a file, which is that of the server itself.
  private static Optional<X509Certificate> firstCertificate(Path file) {
    try {
      return readCertificates(file).stream().findFirst();
    } catch (IOException | CertificateException _) {
      return Optional.empty();
    }
  }

  private static List<X509Certificate> readCertificates(Path file)
      throws IOException, CertificateException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
          .map(X509Certificate.class::cast)
          .toList();
    }
  }

  private static X509ExtendedTrustManager authorities(List<X509Certificate> more)
      throws GeneralSecurityException, IOException {
    X509ExtendedTrustManager platform = createTrustManager(null);
    if (more.isEmpty()) {
      return platform;
    }
    List<X509Certificate> all = new ArrayList<>(Arrays.asList(platform.getAcceptedIssuers()));
    all.addAll(more);
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < all.size(); i++) {
      store.setCertificateEntry(Integer.toString(i), all.get(i));
    }
    return createTrustManager(store);
  }

  /// @param store null for the trust store of the platform
  private static X509ExtendedTrustManager createTrustManager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509ExtendedTrustManager.class::isInstance)
        .map(X509ExtendedTrustManager.class::cast)
        .findFirst()
        .orElseThrow(() -> new GeneralSecurityException("no trust manager for certificates"));
  }

  /// Whether the peer has the certificate of the service. The host name need not match, because the
  /// handshake proves possession of the private key.
  private boolean isServiceCertificate(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0
        || serviceCertificate.isEmpty()
        || !serviceCertificate.get().equals(chain[0])) {
      return false;
    }
    chain[0].checkValidity();
    return true;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    if (!isServiceCertificate(chain)) {
      authorities.checkServerTrusted(chain, type, engine);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (!isServiceCertificate(chain)) {
      authorities.checkServerTrusted(chain, type, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    if (!isServiceCertificate(chain)) {
      authorities.checkServerTrusted(chain, type);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    authorities.checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    authorities.checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }
}
