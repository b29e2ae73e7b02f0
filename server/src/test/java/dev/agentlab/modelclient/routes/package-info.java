@NullMarked
package dev.agentlab.modelclient.routes;

import org.jspecify.annotations.NullMarked;
