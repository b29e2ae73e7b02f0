package dev.agentlab.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntConsumer;

/// The signals that ask the process to end: from a supervisor, a keyboard, a terminal that closes.
///
/// The JVM's own answer to them, its shutdown hooks, can neither end in exit code 0 nor be hurried
/// by a second signal. The class that can is reached by reflection, for the compiler warns of its
/// name and cannot be told that this is meant.
final class StopSignals {
  /// All of them.
  static final List<String> ALL = List.of("TERM", "INT", "HUP");

  private StopSignals() {}

  /// Takes the signals over from the JVM, but for those the process was started to ignore.
  ///
  /// @param names of the signals
  /// @param handler is given the signal's number, each time on a thread of its own
  static void handle(List<String> names, IntConsumer handler) {
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
      throw new IllegalStateException("this JVM does not hand over signals", e);
    }
  }
}
