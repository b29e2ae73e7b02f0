package dev.agentlab.cli;

import dev.agentlab.net.Host;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The base URL of the service.
///
/// @param uri an `http` or `https` URL with a host and an optional path prefix, without a trailing
///   slash
/// @param configured whether the address is from the configuration of the service and not from the
///   user of a command
public record ServiceAddress(URI uri, boolean configured) {

  /// Parses an address given by the user.
  ///
  /// @throws CommandFailure if it is invalid
  static ServiceAddress parse(String text) {
    return of(text, false);
  }

  /// The address at which a program on this machine reaches a service with this configuration.
  ///
  /// @param host the configured listen address
  /// @throws CommandFailure if it is invalid
  public static ServiceAddress configured(String scheme, String host, int port) {
    String name = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    return of("%s://%s:%d".formatted(scheme, Host.inUri(name), port), true);
  }

  private static ServiceAddress of(String text, boolean configured) {
    try {
      URI uri = new URI(text);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!web || uri.getHost() == null || uri.getUserInfo() != null) {
        throw invalidAddress(text);
      }
      return new ServiceAddress(new URI(text.replaceFirst("/+$", "")), configured);
    } catch (URISyntaxException _) {
      throw invalidAddress(text);
    }
  }

  private static CommandFailure invalidAddress(String text) {
    String shown =
        text.indexOf('@') < 0 ? "\"" + text + "\"" : "(hidden because it may contain a password)";
    return new CommandFailure(
        ExitCode.USAGE,
        "the service URL must be an http or https URL such as http://127.0.0.1:8080, was %s"
            .formatted(shown));
  }

  boolean isEncrypted() {
    return "https".equals(uri.getScheme());
  }

  int port() {
    return uri.getPort() >= 0 ? uri.getPort() : isEncrypted() ? 443 : 80;
  }

  /// Whether the address is on this machine. A host name given by the user may resolve to another
  /// machine later, so only `localhost` is accepted; a configured host name is where the service
  /// itself listens.
  boolean isLocal() {
    return refersOnlyTo(ServiceAddress::isLocalAddress);
  }

  /// Whether the address is a loopback address, on which no other machine can listen or read. Host
  /// names qualify as for [#isLocal()].
  boolean isLoopback() {
    return refersOnlyTo(InetAddress::isLoopbackAddress);
  }

  private boolean refersOnlyTo(Predicate<InetAddress> accepted) {
    try {
      Host host = Host.parse(uri.getHost());
      return host.isLoopback()
          || host.address()
              .map(accepted::test)
              .orElseGet(() -> configured && resolvesOnlyTo(host.text(), accepted));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static boolean resolvesOnlyTo(String name, Predicate<InetAddress> accepted) {
    try {
      return Stream.of(InetAddress.getAllByName(name)).allMatch(accepted);
    } catch (UnknownHostException _) {
      return false;
    }
  }

  private static boolean isLocalAddress(InetAddress address) {
    try {
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException _) {
      return false;
    }
  }

  @Override
  public String toString() {
    return uri.toString();
  }
}
