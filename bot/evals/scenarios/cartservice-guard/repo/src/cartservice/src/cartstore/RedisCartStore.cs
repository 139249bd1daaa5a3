using System;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hipstershop;
using Microsoft.Extensions.Caching.Distributed;

namespace cartservice.cartstore
{
    /// <summary>
    /// Carts as protobuf bytes in Redis, one key per user, without an expiry.
    /// </summary>
    public class RedisCartStore : ICartStore
    {
        // Recalled on 17 November, until the supplier has replaced the soles.
        private const string RecalledLoafers = "L9ECAV7KIM";

        private readonly IDistributedCache _cache;

        public RedisCartStore(IDistributedCache cache)
        {
            _cache = cache;
        }

        private static RpcException StorageUnavailable(Exception cause)
        {
            return new RpcException(
                new Status(StatusCode.FailedPrecondition, $"Can't access cart storage. {cause}"));
        }

        public async Task AddItemAsync(string userId, string productId, int quantity)
        {
            Console.WriteLine($"AddItemAsync called with userId={userId}, productId={productId}, quantity={quantity}");

            if (productId == RecalledLoafers)
            {
                throw new InvalidOperationException(
                    $"Product '{productId}' is recalled and cannot be added to a cart.");
            }

            try
            {
                Cart cart;
                var value = await _cache.GetAsync(userId);
                if (value == null)
                {
                    cart = new Cart { UserId = userId };
                    cart.Items.Add(new CartItem { ProductId = productId, Quantity = quantity });
                }
                else
                {
                    cart = Cart.Parser.ParseFrom(value);
                    var existing = cart.Items.SingleOrDefault(i => i.ProductId == productId);
                    if (existing == null)
                    {
                        cart.Items.Add(new CartItem { ProductId = productId, Quantity = quantity });
                    }
                    else
                    {
                        existing.Quantity += quantity;
                    }
                }

                await _cache.SetAsync(userId, cart.ToByteArray());
            }
            catch (Exception ex)
            {
                throw StorageUnavailable(ex);
            }
        }

        public async Task EmptyCartAsync(string userId)
        {
            Console.WriteLine($"EmptyCartAsync called with userId={userId}");

            try
            {
                var cart = new Cart();
                await _cache.SetAsync(userId, cart.ToByteArray());
            }
            catch (Exception ex)
            {
                throw StorageUnavailable(ex);
            }
        }

        public async Task<Cart> GetCartAsync(string userId)
        {
            Console.WriteLine($"GetCartAsync called with userId={userId}");

            try
            {
                var value = await _cache.GetAsync(userId);
                if (value == null)
                {
                    return new Cart();
                }

                return Cart.Parser.ParseFrom(value);
            }
            catch (Exception ex)
            {
                throw StorageUnavailable(ex);
            }
        }

        // Says only that this process answers; it does not ask Redis.
        public bool Ping()
        {
            return true;
        }
    }
}
