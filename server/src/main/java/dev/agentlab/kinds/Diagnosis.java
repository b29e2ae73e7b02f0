package dev.agentlab.kinds;

import dev.agentlab.upstream.EgressDenial;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Route;
import dev.agentlab.upstream.UpstreamResponse;
import java.net.URI;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// The likely cause of a failed request to a provider, described for the user who configured the
/// provider. Contains no secrets.
///
/// @param stage the stage that failed
/// @param detail the observed error
/// @param cause the likely cause
/// @param fix the suggested fix
public record Diagnosis(ProbeStage.Name stage, String detail, String cause, String fix) {
  private static final String TRY_LATER = "Try again later.";
  private static final String CHECK_ADDRESS =
      "Check the host and port in base_url, and the firewalls between this service and the"
          + " provider.";

  /// The failures that are those of the proxy, for a call through a proxy.
  private static final Set<Kind> AT_PROXY =
      EnumSet.of(
          Kind.UNRESOLVED,
          Kind.CONNECT_REFUSED,
          Kind.UNREACHABLE,
          Kind.CONNECT_TIMEOUT,
          Kind.PROXY_CREDENTIALS,
          Kind.PROXY_DENIED,
          Kind.PROXY_FAILED,
          Kind.PROXY_INVALID);

  /// Detail and fix on one line.
  public String summary() {
    return detail + ". " + fix;
  }

  static Diagnosis of(UpstreamException e, CallableProvider provider) {
    ProbeStage.Name stage =
        switch (e.kind().phase()) {
          case RESOLVE -> ProbeStage.Name.RESOLVE;
          case CONNECT -> ProbeStage.Name.CONNECT;
          case TLS -> ProbeStage.Name.TLS;
          case RESPONSE -> ProbeStage.Name.LIST_MODELS;
        };
    boolean isAtProxy = e.route() != Route.DIRECT && AT_PROXY.contains(e.kind());
    return new Diagnosis(
        stage,
        String.valueOf(e.getMessage()),
        isAtProxy ? causeAtProxy(e) : cause(e),
        isAtProxy ? fixAtProxy(e) : fix(e, provider));
  }

  private static String causeAtProxy(UpstreamException e) {
    return switch (e.kind()) {
      case UNRESOLVED ->
          "The host name of the proxy is misspelled, or the DNS server of this service cannot"
              + " resolve it.";
      case CONNECT_REFUSED -> "The proxy is not running on its host, or listens on another port.";
      case UNREACHABLE -> "The proxy is in a network that this service cannot reach.";
      case CONNECT_TIMEOUT ->
          "The proxy is down, a firewall drops the connection, or the proxy waits for the provider.";
      default -> cause(e);
    };
  }

  private static String fixAtProxy(UpstreamException e) {
    boolean isOwn = e.route() == Route.OWN_PROXY;
    String setting =
        isOwn
            ? "options.proxy"
            : "upstream.proxy (UPSTREAM_PROXY, else HTTPS_PROXY and HTTP_PROXY)";
    String bypass =
        isOwn
            ? "set options.proxy to none"
            : "set options.proxy to none, or add its host to upstream.no_proxy (NO_PROXY)";
    return switch (e.kind()) {
      case PROXY_CREDENTIALS ->
          isOwn
              ? "Set options.proxy_credentials to a user name and a password, separated by a colon."
              : "Set the user name and the password in the URL of %s, percent-encoded."
                  .formatted(setting);
      case PROXY_DENIED, PROXY_FAILED ->
          "Check base_url, and the rules and the log of the proxy. To call the provider without the"
              + " proxy, %s.".formatted(bypass);
      default -> "Check the host and port in %s, and that the proxy is running.".formatted(setting);
    };
  }

  private static String cause(UpstreamException e) {
    return switch (e.kind()) {
      case UNRESOLVED ->
          "The host name in base_url is misspelled, or the DNS server of this service cannot"
              + " resolve it.";
      case RESOLVE_TIMEOUT, RESOLVER_BUSY -> "The DNS server of this service does not respond.";
      case DENIED_BY_POLICY -> "This service is not allowed to connect to that address.";
      case CONNECT_REFUSED -> "The server is not running on that host, or listens on another port.";
      case UNREACHABLE -> "The host is in a network that this service cannot reach.";
      case CONNECT_TIMEOUT -> "The host is down, or a firewall drops the connection.";
      case OUT_OF_MEMORY -> "This service is reading too many large responses at once.";
      case PROXY_CREDENTIALS ->
          "The proxy requires a user name and a password, or does not accept those it received.";
      case PROXY_DENIED -> "The rules of the proxy do not allow the host or the port in base_url.";
      case PROXY_FAILED -> "The proxy cannot resolve or reach the host in base_url.";
      case PROXY_INVALID -> "The port serves something other than an HTTP proxy.";
      case BUSY -> "Requests arrive faster than the provider responds.";
      case TLS_UNSUPPORTED, TLS_TIMEOUT -> "The port serves plain HTTP, or no HTTP at all.";
      case TLS_UNTRUSTED ->
          "The certificate is self-signed or issued by a private certificate authority, such as the"
              + " one of a company whose proxy inspects TLS.";
      case TLS_EXPIRED -> "The certificate has expired or is not valid yet, or a clock is wrong.";
      case TLS_WRONG_HOST -> "The certificate is not valid for the host name in base_url.";
      case TLS_FAILED ->
          "The provider and this service have no TLS version or cipher suite in common.";
      case TIMEOUT, NOT_READ, NOT_SENT ->
          "The provider is overloaded, or the server is not a model API.";
      case TOO_LARGE -> "The server is not a model API.";
      case UNEXPECTED_ENCODING ->
          "The provider, or a proxy in front of it, ignores Accept-Encoding and compresses"
              + " responses.";
      case RESET, TRUNCATED -> "The provider, or a proxy in front of it, closed the connection.";
      case PROTOCOL -> "The port serves TLS or a protocol other than HTTP.";
      case CANCELLED -> "The request was cancelled.";
    };
  }

  private static String fix(UpstreamException e, CallableProvider provider) {
    return switch (e.kind()) {
      case UNRESOLVED ->
          "Check the host in base_url. Inside a container, the host machine has another name, such"
              + " as host.docker.internal.";
      case RESOLVE_TIMEOUT, RESOLVER_BUSY ->
          "Check the DNS settings of the host on which this service runs.";
      case DENIED_BY_POLICY ->
          e.denial()
              .flatMap(EgressDenial::remedy)
              .orElse("Use another address; no setting allows this one.");
      case CONNECT_REFUSED -> unreachable(provider);
      case UNREACHABLE, CONNECT_TIMEOUT -> CHECK_ADDRESS;
      case TLS_UNSUPPORTED, TLS_TIMEOUT -> "Use http:// in base_url, or the port that serves TLS.";
      case TLS_UNTRUSTED ->
          "Set options.ca_certificates to the certificate of the authority, in PEM. To trust it for"
              + " all providers, add it to the file that upstream.ca_file (UPSTREAM_CA_FILE) names"
              + " and restart the service.";
      case TLS_EXPIRED -> "Renew the certificate, and check the clocks of both hosts.";
      case TLS_WRONG_HOST -> "Use a host name in base_url that the certificate contains.";
      case TLS_FAILED -> "Enable TLS 1.2 or 1.3 on the provider.";
      case PROTOCOL ->
          Origin.of(provider.modelListEndpoint().url()).secure()
              ? CHECK_ADDRESS
              : "If the port serves TLS, use https:// in base_url.";
      case TOO_LARGE -> provider.kind().advice().notFound();
      case UNEXPECTED_ENCODING ->
          "Configure it to honor Accept-Encoding, or not to compress responses.";
      case PROXY_CREDENTIALS, PROXY_DENIED, PROXY_FAILED, PROXY_INVALID -> fixAtProxy(e);
      case BUSY, OUT_OF_MEMORY, TIMEOUT, NOT_READ, NOT_SENT, RESET, TRUNCATED, CANCELLED ->
          TRY_LATER + " " + CHECK_ADDRESS;
    };
  }

  /// The advice of a kind is about its own address, not about another one in the configuration.
  private static String unreachable(CallableProvider provider) {
    Origin tried = Origin.of(provider.modelListEndpoint().url());
    return provider
        .kind()
        .baseUrl()
        .defaultValue()
        .filter(own -> !Origin.of(URI.create(own)).equals(tried))
        .map(own ->
            "Check base_url, or leave it out, which means %s. Is the proxy running there? Try: curl %s"
                .formatted(own, tried))
        .orElseGet(() -> provider.kind().advice().unreachable());
  }

  /// The diagnosis of a response with another status than 200.
  static Diagnosis of(UpstreamResponse response, CallableProvider provider) {
    int status = response.status();
    return switch (status) {
      case 401, 403 -> ofDeniedAccess(response, provider);
      case 404, 405 ->
          ofListModels(
              response,
              provider,
              "base_url has a wrong path.",
              provider.kind().advice().notFound());
      case 429 ->
          ofListModels(
              response,
              provider,
              "The provider's rate limit or quota is exhausted.",
              "Wait and retry, or ask the provider for a higher quota.");
      default ->
          switch (status / 100) {
            case 2 -> ofMissingList(response, provider);
            case 3 -> ofRedirect(response, provider);
            case 4 ->
                ofListModels(
                    response,
                    provider,
                    "The provider does not accept the request.",
                    "Check base_url, including http:// or https://, and the options.");
            default ->
                ofListModels(
                    response,
                    provider,
                    "The provider, or a proxy in front of it, is failing.",
                    "Check its log. " + TRY_LATER);
          };
    };
  }

  /// The diagnosis of a successful response that is not a list of models.
  static Diagnosis ofMissingList(UpstreamResponse response, CallableProvider provider) {
    String content =
        ErrorTextSanitizer.isMarkup(response.text())
            ? "a web page"
            : "something other than a list of models";
    return new Diagnosis(
        ProbeStage.Name.LIST_MODELS,
        "responded with status %d and %s".formatted(response.status(), content),
        "base_url points to something other than the model API.",
        provider.kind().advice().notFound());
  }

  private static Diagnosis ofDeniedAccess(UpstreamResponse response, CallableProvider provider) {
    String secrets =
        String.join(
            " or ", provider.kind().credentials().map(it -> "options." + it.name()).toList());
    Optional<String> header = provider.credential().map(ProviderCredential::header);
    return new Diagnosis(
        ProbeStage.Name.AUTHENTICATE,
        detail(response, provider),
        header.isEmpty()
            ? "The provider requires an API key and none is sent."
            : response.status() == 401
                ? "The API key is wrong, has expired, or is expected in another header field."
                : "The API key is not allowed to list models.",
        header
            .map(it -> "Check %s, which was sent in the header field %s.".formatted(secrets, it))
            .orElse(
                provider.kind().option("auth_type").isPresent()
                    ? "Check that %s is set, and that options.auth_type selects how it is sent."
                        .formatted(secrets)
                    : "Set %s.".formatted(secrets)));
  }

  private static Diagnosis ofRedirect(UpstreamResponse response, CallableProvider provider) {
    return ofListModels(
        response,
        provider,
        "The URL redirects"
            + redirectTarget(response, provider)
            + ", and redirects are not followed.",
        "Set base_url to the URL of the provider itself.");
  }

  private static String redirectTarget(UpstreamResponse response, CallableProvider provider) {
    try {
      return response
          .header("location")
          .map(URI::create)
          .map(it -> " to " + ErrorTextSanitizer.sanitize(Origin.of(it).toString(), provider))
          .orElse("");
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static Diagnosis ofListModels(
      UpstreamResponse response, CallableProvider provider, String cause, String fix) {
    return new Diagnosis(ProbeStage.Name.LIST_MODELS, detail(response, provider), cause, fix);
  }

  private static String detail(UpstreamResponse response, CallableProvider provider) {
    String message =
        ErrorTextSanitizer.message(response.text(), provider).map(text -> ": " + text).orElse("");
    return "responded with status " + response.status() + message;
  }
}
