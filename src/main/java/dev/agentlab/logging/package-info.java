/// Where log events go and how they look. Other packages log through SLF4J and know nothing of it.
@NullMarked
package dev.agentlab.logging;

import org.jspecify.annotations.NullMarked;
