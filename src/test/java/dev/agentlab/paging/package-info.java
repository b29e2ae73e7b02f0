@NullMarked
package dev.agentlab.paging;

import org.jspecify.annotations.NullMarked;
