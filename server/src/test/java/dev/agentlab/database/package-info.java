@NullMarked
package dev.agentlab.database;

import org.jspecify.annotations.NullMarked;
