package dev.agentlab.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.function.Function;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Trusts the authorities of the JDK and additional ones. Equal options share TLS contexts and
/// connections.
record AuthorityTrustOptions(CertificateAuthorities additional) implements TrustOptions {

  @Override
  public TrustOptions copy() {
    return this;
  }

  @Override
  public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    authorities.load(null, null);
    int index = 0;
    for (TrustManager manager : trustManagers(null).getTrustManagers()) {
      if (manager instanceof X509TrustManager standard) {
        for (X509Certificate certificate : standard.getAcceptedIssuers()) {
          authorities.setCertificateEntry("jdk-" + index++, certificate);
        }
      }
    }
    for (X509Certificate certificate : additional.certificates()) {
      authorities.setCertificateEntry("additional-" + index++, certificate);
    }
    return trustManagers(authorities);
  }

  /// @param authorities the authorities of the JDK if null
  private static TrustManagerFactory trustManagers(@Nullable KeyStore authorities)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    return factory;
  }

  /// The same authorities for every server name.
  @Override
  public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws Exception {
    TrustManager[] managers = getTrustManagerFactory(vertx).getTrustManagers();
    return _ -> managers;
  }
}
