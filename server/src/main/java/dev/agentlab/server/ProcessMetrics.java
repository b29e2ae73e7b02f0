package dev.agentlab.server;

import dev.agentlab.memory.MemoryBudget;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/// The meter registry with metrics of the JVM, the process and the memory budget.
final class ProcessMetrics {
  private static final List<MeterBinder> PROCESS_BINDERS =
      List.of(
          new JvmMemoryMetrics(),
          new JvmThreadMetrics(),
          new ProcessorMetrics(),
          new UptimeMetrics());

  private ProcessMetrics() {}

  /// Creates a Prometheus registry with the metrics of the process.
  ///
  /// @param memory the memory budget of requests and responses
  static PrometheusMeterRegistry createRegistry(MemoryBudget memory) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    PROCESS_BINDERS.forEach(binder -> binder.bindTo(registry));
    Gauge.builder("agentlab.memory.reserved", memory, MemoryBudget::reserved)
        .baseUnit("bytes")
        .description("memory reserved for requests and responses in flight")
        .register(registry);
    Gauge.builder("agentlab.memory.capacity", memory, MemoryBudget::capacity)
        .baseUnit("bytes")
        .description("maximum memory for all requests and responses in flight")
        .register(registry);
    return registry;
  }
}
