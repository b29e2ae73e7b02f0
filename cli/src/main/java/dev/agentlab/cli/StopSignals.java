package dev.agentlab.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntConsumer;

/// The stop signals of the process, from a supervisor, a keyboard or a closing terminal.
///
/// The shutdown hooks of the JVM can neither end with exit code 0 nor be cut short by a second
/// signal. `sun.misc.Signal` supports both. It is used by reflection, because the compiler warning
/// about it cannot be suppressed.
public final class StopSignals {
  /// The names of all stop signals.
  public static final List<String> ALL = List.of("TERM", "INT", "HUP");

  private StopSignals() {}

  /// Handles signals in place of the JVM, except those that the process was started to ignore.
  ///
  /// @param names the names of the signals
  /// @param handler receives the number of a signal, each time on a separate thread
  public static void handle(List<String> names, IntConsumer handler) {
    try {
      Class<?> signals = Class.forName("sun.misc.Signal");
      Class<?> handlers = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              handlers.getClassLoader(),
              new Class<?>[] {handlers},
              (_, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  handler.accept((int) signals.getMethod("getNumber").invoke(arguments[0]));
                }
                return null;
              });
      Object ignored = handlers.getField("SIG_IGN").get(null);
      for (String name : names) {
        Object signal = signals.getConstructor(String.class).newInstance(name);
        var register = signals.getMethod("handle", signals, handlers);
        if (ignored.equals(register.invoke(null, signal, ours))) {
          register.invoke(null, signal, ignored);
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM does not support signal handlers", e);
    }
  }
}
