/// Callers known by bearer tokens of an OpenID Connect provider: signed JWTs, checked against the
/// keys that the provider publishes.
@NullMarked
package dev.agentlab.oidc;

import org.jspecify.annotations.NullMarked;
