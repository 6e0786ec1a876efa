"""The contender of script/bench-sdk that is the published Python client: PYTHONPATH leads to it.

    by_python.py BASE_URL HOST_ID IN_FLIGHT TOTAL
"""

import asyncio
import json
import sys
import time

import drukbox_sdk


async def main():
    base_url, host_id, in_flight, total = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    api = drukbox_sdk.SandboxAPI(base_url=base_url, token="a-token-of-the-benchmark")

    async def measure(count):
        remaining = iter(range(count))

        async def keep_asking():
            for _ in remaining:
                host = await api.get_host(host_id)
                assert host.id == host_id

        begin = time.perf_counter()
        await asyncio.gather(*(keep_asking() for _ in range(in_flight)))
        return time.perf_counter() - begin

    await measure(in_flight)
    print(json.dumps({"requests_per_second": total / await measure(total)}))
    await api.aclose()


asyncio.run(main())
