@NullMarked
package dev.agentlab.commands;

import org.jspecify.annotations.NullMarked;
