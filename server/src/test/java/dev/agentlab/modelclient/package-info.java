@NullMarked
package dev.agentlab.modelclient;

import org.jspecify.annotations.NullMarked;
