package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.Optional;

/// What commands use of the configuration of a service on this machine.
///
/// @param scheme `http` or `https`
/// @param host the address on which the service listens
/// @param certificate the certificate of the service, as a PEM file
public record ServiceConfig(
    String scheme, String host, int port, Path dataDir, Optional<Path> certificate) {

  /// The address at which a program on this machine reaches the service.
  ///
  /// @throws CommandFailure if it is invalid
  ServiceAddress address() {
    return ServiceAddress.configured(scheme, host, port);
  }
}
