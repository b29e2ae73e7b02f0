@NullMarked
package dev.agentlab.oidc;

import org.jspecify.annotations.NullMarked;
