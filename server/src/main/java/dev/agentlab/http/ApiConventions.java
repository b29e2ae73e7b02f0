package dev.agentlab.http;

/// The conventions of the API to which a route group belongs. The API description contains the
/// groups of the service's own API only.
///
/// @param errors the format of error responses, also for paths below the prefix of the group that
///   no route matches
/// @param ignoresUnknownQuery whether undeclared query parameters are ignored, and not rejected
public record ApiConventions(ErrorFormat errors, boolean ignoresUnknownQuery) {

  /// The service's own API.
  public static final ApiConventions OWN = new ApiConventions(new ProblemFormat(), false);

  /// Pages for browsers, which the API description does not contain. Links from elsewhere and an
  /// identity provider add parameters of their own.
  public static final ApiConventions PAGES = new ApiConventions(OWN.errors(), true);
}
