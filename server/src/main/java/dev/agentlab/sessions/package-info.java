/// Sessions of browsers: signing in and out, and the authentication of callers by session cookie.
@NullMarked
package dev.agentlab.sessions;

import org.jspecify.annotations.NullMarked;
