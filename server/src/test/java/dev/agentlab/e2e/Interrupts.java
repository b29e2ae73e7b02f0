package dev.agentlab.e2e;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The interrupt signal (SIGINT) of processes that tests start. A shell starts its background jobs
/// so that they ignore it, and processes inherit that.
final class Interrupts {
  private static final int SIGINT = 2;
  private static final MemorySegment DEFAULT = MemorySegment.NULL;
  private static final MemorySegment IGNORED = MemorySegment.ofAddress(1);

  /// More than a `struct sigaction` has, which begins with the handler.
  private static final int MAX_ACTION_BYTES = 1024;

  private static final MethodHandle SIGNAL =
      function("signal", FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));
  private static final MethodHandle SIGACTION =
      function("sigaction", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  private Interrupts() {}

  /// Starts a process that does not ignore the signal, even if this one does.
  static synchronized Process start(ProcessBuilder builder) throws IOException {
    if (!isIgnored()) {
      return builder.start();
    }
    handle(DEFAULT);
    try {
      return builder.start();
    } finally {
      handle(IGNORED);
    }
  }

  private static boolean isIgnored() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(MAX_ACTION_BYTES, ADDRESS.byteAlignment());
      int _ = (int) SIGACTION.invokeExact(SIGINT, MemorySegment.NULL, action);
      return action.get(ADDRESS, 0).equals(IGNORED);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void handle(MemorySegment handler) {
    try {
      MemorySegment _ = (MemorySegment) SIGNAL.invokeExact(SIGINT, handler);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }
}
