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

/// Whom the program believes to be the service: whoever the platform's authorities, or those given,
/// vouch for under the name it is called by; and on this machine whoever has the service's own
/// certificate, by whatever name it is called.
final class TlsTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager authorities;
  private final Optional<X509Certificate> own;

  private TlsTrust(X509ExtendedTrustManager authorities, Optional<X509Certificate> own) {
    this.authorities = authorities;
    this.own = own;
  }

  /// What a client of the service needs.
  ///
  /// @param more a PEM file with certificates of authorities beside the platform's
  /// @param own a PEM file with the certificate of the service on this machine; passed over if it
  ///   cannot be read, as the service's user alone may be able to
  /// @throws Failure if the authorities cannot be read
  static SSLContext context(Optional<Path> more, Optional<Path> own) {
    List<X509Certificate> given = more.map(TlsTrust::authorities).orElse(List.of());
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TlsTrust trust = new TlsTrust(authorities(given), own.flatMap(TlsTrust::first));
      context.init(null, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, "TLS cannot be set up: " + e.getMessage());
    }
  }

  private static List<X509Certificate> authorities(Path file) {
    List<X509Certificate> found;
    try {
      found = certificates(file);
    } catch (NoSuchFileException _) {
      throw new CommandFailure(ExitCode.USAGE, "there is no file %s (--ca-file)".formatted(file));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s (--ca-file) cannot be read: %s".formatted(file, e.getMessage()));
    } catch (CertificateException _) {
      found = List.of();
    }
    if (found.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s (--ca-file) holds no certificate in PEM".formatted(file));
    }
    return found;
  }

  /// A server's file begins with its own certificate.
  private static Optional<X509Certificate> first(Path file) {
    try {
      return certificates(file).stream().findFirst();
    } catch (IOException | CertificateException _) {
      return Optional.empty();
    }
  }

  private static List<X509Certificate> certificates(Path file)
      throws IOException, CertificateException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
          .map(X509Certificate.class::cast)
          .toList();
    }
  }

  private static X509ExtendedTrustManager authorities(List<X509Certificate> more)
      throws GeneralSecurityException, IOException {
    X509ExtendedTrustManager platform = over(null);
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
    return over(store);
  }

  /// @param store null for the platform's own
  private static X509ExtendedTrustManager over(@Nullable KeyStore store)
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

  /// Whoever proves to have this very certificate is the service: its name adds nothing.
  private boolean isOwn(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || own.isEmpty() || !own.get().equals(chain[0])) {
      return false;
    }
    chain[0].checkValidity();
    return true;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    if (!isOwn(chain)) {
      authorities.checkServerTrusted(chain, type, engine);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (!isOwn(chain)) {
      authorities.checkServerTrusted(chain, type, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    if (!isOwn(chain)) {
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
