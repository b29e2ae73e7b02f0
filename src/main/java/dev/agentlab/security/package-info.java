/// Who calls, and what they may do: scopes, the grants a caller has, and who is at work now.
@NullMarked
package dev.agentlab.security;

import org.jspecify.annotations.NullMarked;
