package dev.agentlab.sessions;

import static dev.agentlab.http.ProblemType.FORBIDDEN;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.UNAUTHENTICATED;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.HostCookie;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.RequestCredential;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.CallerInfo;
import dev.agentlab.security.KeyReference;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The HTTP routes of sessions.
final class SessionRoutes {
  private static final String PATH = "/api/session";
  private static final String SET_COOKIE = "Set-Cookie";

  private final Sessions sessions;
  private final KeyVerifier keys;

  private SessionRoutes(Sessions sessions, KeyVerifier keys) {
    this.sessions = sessions;
    this.keys = keys;
  }

  /// Creates the route group of sessions.
  static RouteGroup of(Sessions sessions, KeyVerifier keys) {
    return new RouteGroup(
        PATH,
        "Session",
        "The session of a browser, in a cookie that scripts cannot read.",
        SessionRoutes::toProblem,
        new SessionRoutes(sessions, keys).routes());
  }

  private List<Route> routes() {
    return List.of(
        Route.post("", "Sign in")
            .operation(
                "signIn",
                "Starts a session with an API key, or with the token of a sign-in link, sets its"
                    + " cookie, and ends the former session of the browser. The session has the rights of the key, and ends with it.")
            .requires(Scope.PUBLIC)
            .accepts(SessionInput.class)
            .returns(201, Session.class, INVALID_REQUEST, UNAUTHENTICATED, FORBIDDEN)
            .handledBy(this::start),
        Route.get("", "Get the current session")
            .operation(
                "getSession", "Returns the caller of the request, whatever its credential is.")
            .requires(Scope.AUTHENTICATED)
            .returns(200, Session.class)
            .handledBy(this::find),
        Route.delete("", "Sign out")
            .operation(
                "signOut",
                "Ends the session of the request and deletes its cookie. Takes effect on every"
                    + " replica within a second.")
            .requires(Scope.AUTHENTICATED)
            .returnsEmpty(204)
            .handledBy(this::end),
        Route.post("/links", "Create a sign-in link")
            .operation(
                "createSignInLink",
                "The link starts a session of the caller's API key in the browser that opens it"
                    + " first, within 10 minutes. A key has at most 20 links; the oldest ends first.")
            .requires(Scope.AUTHENTICATED)
            .returns(201, SignInLink.class, FORBIDDEN)
            .handledBy(this::createLink));
  }

  private Response start(Request<SessionInput> request) {
    SessionInput input = request.body();
    if (input.key().isPresent() == input.link().isPresent()) {
      throw new InvalidInputException("key", "exactly one of key and link must be given");
    }
    Sessions.NewSession started =
        input
            .key()
            .map(sessions::startWithKey)
            .orElseGet(() -> sessions.startWithLink(input.link().orElseThrow()));
    request.cookie(HostCookie.SESSION).value().ifPresent(sessions::end);
    return Response.created(
            PATH,
            new Session(
                CallerInfo.of(started.caller()),
                request.origin(),
                Optional.of(started.expiresAt())))
        .withHeader(
            SET_COOKIE,
            request.cookie(HostCookie.SESSION).set(started.token(), Sessions.MAX_LIFETIME));
  }

  private Response find(Request<Void> request) {
    return Response.ok(
        new Session(
            CallerInfo.of(request.caller()),
            request.origin(),
            sessionToken(request).flatMap(sessions::expiresAt)));
  }

  private Response end(Request<Void> request) {
    sessionToken(request).ifPresent(sessions::end);
    return Response.noContent().withHeader(SET_COOKIE, request.cookie(HostCookie.SESSION).clear());
  }

  private Response createLink(Request<Void> request) {
    KeyReference key =
        request
            .credential()
            .flatMap(it -> it.isSession() ? sessions.keyOf(it.secret()) : keys.parse(it.secret()))
            .orElseThrow(SessionException.WithoutKey::new);
    return new Response(
        201, Map.of(), new Response.Content.Json(sessions.createLink(key, request.origin())));
  }

  private static Optional<Secret> sessionToken(Request<Void> request) {
    return request.credential().filter(RequestCredential::isSession).map(RequestCredential::secret);
  }

  private static Optional<Problem> toProblem(RuntimeException failure) {
    return failure instanceof SessionException reason
        ? Optional.of(
            Problem.of(
                switch (reason) {
                  case SessionException.Rejected _ -> UNAUTHENTICATED;
                  case SessionException.WithoutKey _ -> FORBIDDEN;
                },
                String.valueOf(reason.getMessage())))
        : Optional.empty();
  }
}
