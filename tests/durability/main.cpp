#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "memory_faults.h"

int main(int count, char** arguments) {
  twinstore::durability::MemoryFaults::install();
  return doctest::Context(count, arguments).run();
}
