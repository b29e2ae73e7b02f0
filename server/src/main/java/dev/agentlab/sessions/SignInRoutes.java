package dev.agentlab.sessions;

import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;

/// The HTTP routes for signing in at an identity provider.
final class SignInRoutes {
  private SignInRoutes() {}

  /// Creates the route group.
  ///
  /// @param issuer the identity provider; empty if there is none for browsers
  static RouteGroup of(Optional<String> issuer) {
    SignInMethods methods = new SignInMethods(issuer.map(SignInMethods.IdentityProvider::new));
    return new RouteGroup(
        "/api/sign-in",
        "Sign-in",
        "Signing in at an identity provider.",
        List.of(
            Route.get("", "List the ways to sign in")
                .operation(
                    "getSignInMethods", "The ways to sign in beside an API key and a sign-in link.")
                .requires(Scope.PUBLIC)
                .returns(200, SignInMethods.class)
                .handledBy(_ -> Response.ok(methods))));
  }
}
