package dev.agentlab.gateway;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which header fields of a proxied request pass to the provider: all except the following. Names
/// are in lower case.
final class ProxyHeaders {
  private static final Set<String> NOT_PASSED =
      Set.of(
          // Credentials of the caller, and parts of signatures.
          "authorization",
          "api-key",
          "cookie",
          "cookie2",
          "x-amz-content-sha256",
          "x-amz-date",
          "x-amz-security-token",
          "x-api-key",
          "x-goog-api-key",
          // Who pays: the configuration of the provider decides.
          "openai-organization",
          "openai-project",
          "x-goog-user-project",
          // Of the connection (RFC 9110, section 7.6.1).
          "connection",
          "expect",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authentication-info",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          // Of the message: the client of the provider sets them. Errors must be readable, because
          // secrets are masked in them.
          "accept-encoding",
          "content-length",
          "host",
          // Of proxies in front of the service, about the client or its session.
          "cdn-loop",
          "client-ip",
          "fastly-client-ip",
          "forwarded",
          "remote-user",
          "true-client-ip",
          "via",
          "x-amzn-trace-id",
          "x-client-cert",
          "x-client-ip",
          "x-cloud-trace-context",
          "x-cluster-client-ip",
          "x-forwarded",
          "x-proxyuser-ip",
          "x-real-ip",
          "x-remote-user",
          // Of proxies that change the path: some servers obey them.
          "x-rewrite-url");

  /// Of proxies: oauth2-proxy, AWS load balancers, Cloudflare, Google's and Azure's, Envoy, IIS,
  /// Authentik, Pomerium, nginx.
  private static final List<String> NOT_PASSED_PREFIXES =
      List.of(
          "agent-lab-",
          "cf-",
          "fly-",
          "ssl-client-",
          "x-amzn-mtls-",
          "x-amzn-oidc-",
          "x-appengine-",
          "x-arr-",
          "x-auth-request-",
          "x-authentik-",
          "x-azure-",
          "x-envoy-",
          "x-forwarded-",
          "x-goog-authenticated-user-",
          "x-goog-iap-",
          "x-ms-client-principal",
          "x-ms-token-",
          "x-original-",
          "x-pomerium-",
          "x-ssl-",
          "x-webauth-");

  private ProxyHeaders() {}

  /// The fields that pass.
  ///
  /// @param headers all fields of the request
  /// @param labels the names of the fields with labels of calls
  static Map<String, String> toProvider(Map<String, String> headers, Set<String> labels) {
    Map<String, String> passed = VendorHeaders.except(headers, NOT_PASSED, NOT_PASSED_PREFIXES);
    passed.keySet().removeAll(labels);
    return passed;
  }
}
