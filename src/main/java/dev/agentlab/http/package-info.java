/// The HTTP edge: routes as typed values, requests and responses, problem details. Vert.x is not
/// seen outside.
@NullMarked
package dev.agentlab.http;

import org.jspecify.annotations.NullMarked;
