package dev.agentlab.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate authority and a server certificate signed by it, created by the `keytool` of the
/// JDK.
public final class TestCertificates {
  public static final String PASSWORD = "changeit";
  private static final String AUTHORITY = "authority";
  private static final String SERVER = "server";

  private final KeyStore keys;

  private TestCertificates(KeyStore keys) {
    this.keys = keys;
  }

  /// Creates both in a directory.
  ///
  /// @param names the server names in the format of keytool: `dns:a.test,ip:127.0.0.1`
  /// @param validity additional arguments of keytool, such as `-startdate`
  public static TestCertificates create(Path folder, String names, String... validity)
      throws Exception {
    Path store = Files.createTempDirectory(folder, "tls").resolve("keys.p12");
    keytool(store, AUTHORITY, List.of("-ext", "bc:c"));
    List<String> server = new ArrayList<>(List.of("-signer", AUTHORITY, "-ext", "san=" + names));
    server.addAll(List.of(validity));
    keytool(store, SERVER, server);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return new TestCertificates(keys);
  }

  /// The TLS context of the server.
  public SSLContext serverContext() throws GeneralSecurityException, IOException {
    KeyStore store = emptyKeyStore();
    store.setKeyEntry(
        SERVER,
        keys.getKey(SERVER, PASSWORD.toCharArray()),
        PASSWORD.toCharArray(),
        keys.getCertificateChain(SERVER));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  /// A PKCS #12 store with the certificate of the authority, under [#PASSWORD].
  public byte[] trustStore() throws GeneralSecurityException, IOException {
    KeyStore trusted = emptyKeyStore();
    trusted.setCertificateEntry(AUTHORITY, keys.getCertificate(AUTHORITY));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    trusted.store(bytes, PASSWORD.toCharArray());
    return bytes.toByteArray();
  }

  /// The certificate of the authority in PEM.
  public String authorityPem() throws GeneralSecurityException {
    return writePem("CERTIFICATE", keys.getCertificate(AUTHORITY).getEncoded());
  }

  /// Writes the server certificate and its key as PEM files.
  ///
  /// @return the directory of `cert.pem` and `key.pem`
  public Path writePem(Path folder) throws GeneralSecurityException, IOException {
    StringBuilder chain = new StringBuilder();
    for (Certificate certificate : keys.getCertificateChain(SERVER)) {
      chain.append(writePem("CERTIFICATE", certificate.getEncoded()));
    }
    Files.writeString(folder.resolve("cert.pem"), chain);
    byte[] key = keys.getKey(SERVER, PASSWORD.toCharArray()).getEncoded();
    Files.writeString(folder.resolve("key.pem"), writePem("PRIVATE KEY", key));
    return folder;
  }

  private static String writePem(String label, byte[] der) {
    String text = Base64.getMimeEncoder().encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, text, label);
  }

  /// The TLS context of a JDK client that trusts the authority.
  public SSLContext clientContext() throws GeneralSecurityException, IOException {
    KeyStore trusted = emptyKeyStore();
    trusted.setCertificateEntry(AUTHORITY, keys.getCertificate(AUTHORITY));
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private static KeyStore emptyKeyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static void keytool(Path store, String alias, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    // A third of the processor time: it ends before an optimizing compiler pays off.
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
    command.addAll(
        List.of("-genkeypair", "-alias", alias, "-keyalg", "EC", "-dname", "CN=" + alias));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(arguments);
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: " + output);
    }
  }
}
