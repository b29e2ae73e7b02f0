package dev.agentlab.http;

import java.nio.file.Path;

/// Where the server's certificate is. Both files are PEM, and are read again when they change.
///
/// @param certificate the server's own, then those that lead to an authority
/// @param key its private key: PKCS#8, PKCS#1 for RSA or SEC 1 for EC, not encrypted
public record TlsFiles(Path certificate, Path key) {}
