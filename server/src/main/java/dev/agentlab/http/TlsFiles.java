package dev.agentlab.http;

import java.nio.file.Path;

/// The files of the TLS certificate and its key. Both are PEM and are reloaded when they change.
///
/// @param certificate the certificate of the server, followed by its intermediate certificates
/// @param key the unencrypted private key: PKCS#8, PKCS#1 for RSA or SEC 1 for EC
public record TlsFiles(Path certificate, Path key) {}
