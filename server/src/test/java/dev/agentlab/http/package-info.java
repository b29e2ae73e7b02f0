@NullMarked
package dev.agentlab.http;

import org.jspecify.annotations.NullMarked;
