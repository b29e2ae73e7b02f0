/// What the routes that call models share.
@NullMarked
package dev.agentlab.modelclient.routes;

import org.jspecify.annotations.NullMarked;
