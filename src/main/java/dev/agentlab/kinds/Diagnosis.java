package dev.agentlab.kinds;

import dev.agentlab.upstream.EgressDenial;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamResponse;
import java.net.URI;
import java.util.Optional;

/// Why a call to a provider failed, in words for the person who configured it. Holds no secret.
///
/// @param stage how far it came
/// @param detail what was seen
/// @param cause why, most likely
/// @param fix what to do about it
record Diagnosis(ProbeStage.Name stage, String detail, String cause, String fix) {
  private static final String TRY_LATER = "Try again later.";
  private static final String CHECK_ADDRESS =
      "Check the host and port in base_url, and the firewalls between here and there.";

  /// Detail and fix on one line.
  String summary() {
    return detail + ". " + fix;
  }

  static Diagnosis of(UpstreamException e, LlmProvider provider) {
    ProbeStage.Name stage =
        switch (e.kind().phase()) {
          case RESOLVE -> ProbeStage.Name.RESOLVE;
          case CONNECT -> ProbeStage.Name.CONNECT;
          case TLS -> ProbeStage.Name.TLS;
          case ANSWER -> ProbeStage.Name.LIST_MODELS;
        };
    return new Diagnosis(stage, String.valueOf(e.getMessage()), cause(e), fix(e, provider));
  }

  private static String cause(UpstreamException e) {
    return switch (e.kind()) {
      case UNRESOLVED ->
          "The host name in base_url is misspelt, or the DNS server used here does not know it.";
      case RESOLVE_TIMEOUT, RESOLVER_BUSY -> "The DNS server used here does not answer.";
      case REFUSED_BY_POLICY -> "This service is not allowed to call that address.";
      case CONNECT_REFUSED -> "The program is not running there, or listens on another port.";
      case UNREACHABLE -> "The host is in a network that cannot be reached from here.";
      case CONNECT_TIMEOUT -> "The host is down, or a firewall drops the connection.";
      case NO_ROOM -> "This service reads too many large answers at once.";
      case BUSY -> "The provider answers more slowly than it is called.";
      case TLS_NOT_SPOKEN, TLS_TIMEOUT -> "The port speaks plain HTTP, or is no web server's.";
      case TLS_UNTRUSTED -> "The certificate is self-signed or of an authority of your own.";
      case TLS_EXPIRED -> "The certificate has expired or is not valid yet, or a clock is wrong.";
      case TLS_WRONG_HOST -> "The server is known by another name than the host in base_url.";
      case TLS_FAILED -> "The two sides have no version or cipher of TLS in common.";
      case TIMEOUT -> "The provider is overloaded, or what listens there is no model API.";
      case TOO_LARGE -> "What listens there is no model API.";
      case ENCODED -> "The provider, or a proxy before it, compresses what it sends unasked.";
      case RESET, CUT_OFF -> "The provider, or a proxy before it, closed the connection.";
      case PROTOCOL -> "The port speaks TLS or something other than HTTP.";
      case CANCELLED -> "Nobody waited for the answer.";
    };
  }

  private static String fix(UpstreamException e, LlmProvider provider) {
    return switch (e.kind()) {
      case UNRESOLVED ->
          "Check the host in base_url; inside a container, the machine around it has another name,"
              + " such as host.docker.internal.";
      case RESOLVE_TIMEOUT, RESOLVER_BUSY ->
          "Check the DNS settings of the machine this service runs on.";
      case REFUSED_BY_POLICY ->
          e.refusal()
              .flatMap(EgressDenial::remedy)
              .orElse("Use another address in base_url; no setting allows this one.");
      case CONNECT_REFUSED -> unreachable(provider);
      case UNREACHABLE, CONNECT_TIMEOUT -> CHECK_ADDRESS;
      case TLS_NOT_SPOKEN, TLS_TIMEOUT ->
          "Write http:// in base_url, or use the port that speaks TLS.";
      case TLS_UNTRUSTED ->
          "Use a certificate of a public authority, or add yours to the trust store of the Java"
              + " that runs this service (javax.net.ssl.trustStore).";
      case TLS_EXPIRED -> "Renew the certificate, and check the clocks on both sides.";
      case TLS_WRONG_HOST -> "Write in base_url a name that stands in the certificate.";
      case TLS_FAILED -> "Enable TLS 1.2 or 1.3 on the provider's side.";
      case PROTOCOL ->
          Origin.of(provider.listing().url()).secure()
              ? CHECK_ADDRESS
              : "If the port speaks TLS, write https:// in base_url.";
      case TOO_LARGE -> provider.kind().advice().notFound();
      case ENCODED -> "Have it heed Accept-Encoding, or not compress its answers.";
      case BUSY, NO_ROOM, TIMEOUT, RESET, CUT_OFF, CANCELLED -> TRY_LATER + " " + CHECK_ADDRESS;
    };
  }

  /// Of an address that the configuration gives in place of the kind's own, the advice for the
  /// kind's own says nothing.
  private static String unreachable(LlmProvider provider) {
    Origin tried = Origin.of(provider.listing().url());
    return provider
        .kind()
        .baseUrl()
        .standard()
        .filter(own -> !Origin.of(URI.create(own)).equals(tried))
        .map(own ->
            "Check base_url, or leave it out, which means %s. Is the proxy running there? Try: curl %s"
                .formatted(own, tried))
        .orElseGet(() -> provider.kind().advice().unreachable());
  }

  /// An answer with another status than 200.
  static Diagnosis of(UpstreamResponse response, LlmProvider provider) {
    int status = response.status();
    return switch (status) {
      case 401, 403 -> unauthenticated(response, provider);
      case 404, 405 ->
          listing(
              response,
              provider,
              "base_url has a wrong path.",
              provider.kind().advice().notFound());
      case 429 ->
          listing(
              response,
              provider,
              "The provider's rate limit or quota is used up.",
              "Wait a while, or raise the quota with the provider.");
      default ->
          switch (status / 100) {
            case 2 -> noList(response, provider);
            case 3 -> redirected(response, provider);
            case 4 ->
                listing(
                    response,
                    provider,
                    "The provider does not accept the request.",
                    "Check base_url, http:// or https:// included, and the options.");
            default ->
                listing(
                    response,
                    provider,
                    "The provider, or a proxy before it, is failing.",
                    "Look at its log. " + TRY_LATER);
          };
    };
  }

  /// A success that is no list of models.
  static Diagnosis noList(UpstreamResponse response, LlmProvider provider) {
    String what =
        ErrorTextSanitizer.isMarkup(response.body())
            ? "a web page"
            : "something else than a list of models";
    return new Diagnosis(
        ProbeStage.Name.LIST_MODELS,
        "answered %d with %s".formatted(response.status(), what),
        "base_url leads to something other than the model API.",
        provider.kind().advice().notFound());
  }

  private static Diagnosis unauthenticated(UpstreamResponse response, LlmProvider provider) {
    String secrets =
        String.join(" or ", provider.kind().secrets().map(it -> "options." + it.name()).toList());
    Optional<String> header = provider.credential().map(ProviderCredential::header);
    return new Diagnosis(
        ProbeStage.Name.AUTHENTICATE,
        detail(response, provider),
        header.isEmpty()
            ? "The provider asks for a key and none is sent."
            : response.status() == 401
                ? "The key is wrong, has expired, or is expected in another header field."
                : "The key is not allowed to do this.",
        header
            .map(it -> "Check %s, which was sent in %s.".formatted(secrets, it))
            .orElse(
                provider.kind().option("auth_type").isPresent()
                    ? "Check that %s is set, and that options.auth_type says how to send it."
                        .formatted(secrets)
                    : "Set %s.".formatted(secrets)));
  }

  private static Diagnosis redirected(UpstreamResponse response, LlmProvider provider) {
    return listing(
        response,
        provider,
        "The address sends callers elsewhere"
            + target(response, provider)
            + ", which is not followed.",
        "Set base_url to where the provider really is.");
  }

  private static String target(UpstreamResponse response, LlmProvider provider) {
    try {
      return response
          .header("location")
          .map(URI::create)
          .map(it -> ", to " + ErrorTextSanitizer.clean(Origin.of(it).toString(), provider))
          .orElse("");
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static Diagnosis listing(
      UpstreamResponse response, LlmProvider provider, String cause, String fix) {
    return new Diagnosis(ProbeStage.Name.LIST_MODELS, detail(response, provider), cause, fix);
  }

  private static String detail(UpstreamResponse response, LlmProvider provider) {
    String message =
        ErrorTextSanitizer.message(response.body(), provider).map(text -> ": " + text).orElse("");
    return "answered " + response.status() + message;
  }
}
