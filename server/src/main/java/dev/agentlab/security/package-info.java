/// Authentication and authorization: callers, scopes, grants, OpenID Connect and the current actor.
@NullMarked
package dev.agentlab.security;

import org.jspecify.annotations.NullMarked;
