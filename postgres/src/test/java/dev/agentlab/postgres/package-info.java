@NullMarked
package dev.agentlab.database.embedded;

import org.jspecify.annotations.NullMarked;
