package dev.agentlab.sessions;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.HostCookie;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.OidcClient;
import dev.agentlab.security.OidcUser;
import dev.agentlab.security.Scope;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pages through which a browser signs in at the identity provider. Both redirect: a failure of
/// the sign-in to `/sign-in?error=…`, where the console explains it. Only an invalid `return_to`
/// and an internal error get a problem.
final class OidcSignInRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(OidcSignInRoutes.class);

  private static final String PATH = "/api/sign-in/oidc";
  private static final String CALLBACK = "/callback";
  private static final String COOKIE = "agent_lab_sign_in";
  private static final int MAX_PATH_LENGTH = 2_000;

  /// The user did not sign in, or did not consent.
  private static final String DENIED = "oidc_denied";

  /// The identity provider or the database is unavailable, or the response is not valid.
  private static final String FAILED = "oidc_failed";

  /// The sign-in took too long, or began in another browser.
  private static final String EXPIRED = "oidc_expired";

  /// The user has no scope of this service.
  private static final String NO_ACCESS = "oidc_no_access";

  private static final Param<String> RETURN_TO =
      new Param<>(
          Param.Location.QUERY,
          "return_to",
          "The path of this service to return to.",
          Param.Format.TEXT,
          OidcSignInRoutes::requirePath);
  private static final Param<String> CODE = Param.queryText("code", "The authorization code.");
  private static final Param<String> STATE = Param.queryText("state", "The state.");
  private static final Param<String> ERROR = Param.queryText("error", "The error code.");

  private final OidcClient client;
  private final SignInAttempts attempts;
  private final Sessions sessions;

  private OidcSignInRoutes(OidcClient client, SignInAttempts attempts, Sessions sessions) {
    this.client = client;
    this.attempts = attempts;
    this.sessions = sessions;
  }

  /// Creates the route group.
  static RouteGroup of(OidcClient client, SignInAttempts attempts, Sessions sessions) {
    OidcSignInRoutes routes = new OidcSignInRoutes(client, attempts, sessions);
    return new RouteGroup(
        PATH,
        "Sign-in",
        "Signing in at an identity provider.",
        ApiConventions.PAGES,
        _ -> Optional.empty(),
        List.of(
            Route.get("", "Sign in at the identity provider")
                .requires(Scope.PUBLIC)
                .parameters(RETURN_TO)
                .returnsEmpty(302)
                .handledBy(routes::start),
            Route.get(CALLBACK, "Return from the identity provider")
                .requires(Scope.PUBLIC)
                .parameters(CODE, STATE, ERROR)
                .returnsEmpty(302)
                .handledBy(routes::finish)));
  }

  /// Requires a path on this service: what browsers could read as another origin is rejected.
  private static String requirePath(String text) {
    boolean isVisibleAscii = text.chars().allMatch(c -> c > ' ' && c <= '~');
    if (!text.startsWith("/")
        || text.startsWith("//")
        || text.indexOf('\\') >= 0
        || !isVisibleAscii
        || text.length() > MAX_PATH_LENGTH) {
      throw new IllegalArgumentException(
          "must be a path of this service, which begins with one slash and has no backslash");
    }
    return text;
  }

  private Response start(Request<Void> request) {
    SignInAttempts.Started started =
        attempts.start(request.optional(RETURN_TO).orElse("/"), redirectUri(request));
    try {
      URI page = client.authorizationUrl(started.attempt());
      return redirect(
          page.toString(),
          Optional.of(request.cookie(COOKIE).set(started.cookie(), SignInAttempts.LIFETIME)));
    } catch (UnavailableException e) {
      return failed(request, FAILED, e);
    }
  }

  private Response finish(Request<Void> request) {
    Optional<SignInAttempts.Started> started =
        attempts.find(
            request.cookie(COOKIE).value(),
            request.optional(STATE).orElse(""),
            redirectUri(request));
    if (started.isEmpty()) {
      return failed(request, EXPIRED);
    }
    Optional<String> code = request.optional(CODE);
    if (code.isEmpty()) {
      boolean isDenied = request.optional(ERROR).filter("access_denied"::equals).isPresent();
      return failed(request, isDenied ? DENIED : FAILED);
    }
    Sessions.NewSession session;
    try {
      OidcUser user = client.exchange(started.get().attempt(), code.get());
      if (user.caller().grants().all().isEmpty()) {
        return failed(request, NO_ACCESS);
      }
      session = sessions.startWithUser(user);
      request.cookie(HostCookie.SESSION).value().ifPresent(sessions::end);
    } catch (OidcClient.RefusedException | UnavailableException e) {
      return failed(request, FAILED, e);
    }
    Duration lifetime = Sessions.MAX_LIFETIME;
    // The cookie of the attempt remains until it expires: the identity provider accepts its code
    // only once.
    return redirect(
        started.get().returnTo(),
        Optional.of(request.cookie(HostCookie.SESSION).set(session.token(), lifetime)));
  }

  private static String redirectUri(Request<Void> request) {
    return request.origin() + PATH + CALLBACK;
  }

  private static Response failed(Request<Void> request, String code, RuntimeException reason) {
    Throwable cause = reason.getCause() == null ? reason : reason.getCause();
    LOG.warn("sign-in at the identity provider failed: {}", cause.getMessage());
    return failed(request, code);
  }

  private static Response failed(Request<Void> request, String code) {
    return redirect("/sign-in?error=" + code, Optional.of(request.cookie(COOKIE).clear()));
  }

  private static Response redirect(String location, Optional<String> cookie) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Location", location);
    cookie.ifPresent(it -> headers.put("Set-Cookie", it));
    return new Response(302, headers, new Response.Content.Empty());
  }
}
