// The little of Unity that the example client uses, for Mono: objects with components, coroutines, web requests.
// Plays the example: unity.exe URL TOKEN APP_ID EVENTS WRONG
// Prints what the encoder writes, in hexadecimal: unity.exe

using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Reflection;
using System.Threading;
using UnityEngine;

namespace UnityEngine
{
    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
    }

    public class GameObject
    {
        public readonly List<MonoBehaviour> Components = new List<MonoBehaviour>();

        public T AddComponent<T>() where T : MonoBehaviour, new()
        {
            var component = new T { gameObject = this };
            Components.Add(component);
            return component;
        }
    }

    public class Object
    {
        public static void DontDestroyOnLoad(GameObject _) { }
    }

    public class MonoBehaviour : Object
    {
        public GameObject gameObject;
        public readonly List<Stack<IEnumerator>> Coroutines = new List<Stack<IEnumerator>>();

        public T GetComponent<T>() where T : MonoBehaviour
        {
            return (T)gameObject.Components.Find(component => component is T);
        }

        public void StartCoroutine(IEnumerator routine)
        {
            Coroutines.Add(new Stack<IEnumerator>(new[] { routine }));
        }

        public object Call(string message)
        {
            var method = GetType().GetMethod(message, BindingFlags.Instance | BindingFlags.NonPublic);
            return method == null ? null : method.Invoke(this, null);
        }

        public void Frame()
        {
            Call("Update");
            foreach (var coroutine in Coroutines.ToArray())
            {
                if (!coroutine.Peek().MoveNext()) coroutine.Pop();
                else if (coroutine.Peek().Current is IEnumerator inner) coroutine.Push(inner);
                if (coroutine.Count == 0) Coroutines.Remove(coroutine);
            }
        }
    }

    public static class Application { public static string version = "1.0.0"; }
    public static class SystemInfo { public static string deviceUniqueIdentifier = "player_unity"; }
    public static class Debug
    {
        public static void Log(object text) { Console.Error.WriteLine(text); }
        public static void LogWarning(object text) { Console.Error.WriteLine(text); }
    }
    public static class Time
    {
        static readonly Stopwatch watch = Stopwatch.StartNew();
        public static double realtimeSinceStartupAsDouble { get { return watch.Elapsed.TotalSeconds; } }
    }
}

namespace UnityEngine.Networking
{
    public class UploadHandlerRaw { public byte[] data; public UploadHandlerRaw(byte[] data) { this.data = data; } }
    public class DownloadHandlerBuffer { public string text = ""; }

    public sealed class UnityWebRequest : IDisposable
    {
        public UploadHandlerRaw uploadHandler;
        public DownloadHandlerBuffer downloadHandler;
        public int timeout;
        public long responseCode;
        readonly HttpWebRequest request;
        WebHeaderCollection headers = new WebHeaderCollection();

        public UnityWebRequest(string url, string method)
        {
            request = (HttpWebRequest)WebRequest.Create(url);
            request.Method = method;
        }

        public void SetRequestHeader(string name, string value)
        {
            if (name == "Content-Type") request.ContentType = value;
            else request.Headers[name] = value;
        }

        public string GetResponseHeader(string name) { return headers[name]; }

        public object SendWebRequest()
        {
            request.Timeout = 1000 * timeout;
            try
            {
                using (var stream = request.GetRequestStream())
                    stream.Write(uploadHandler.data, 0, uploadHandler.data.Length);
                using (var response = (HttpWebResponse)request.GetResponse()) Read(response);
            }
            catch (WebException error)
            {
                if (error.Response is HttpWebResponse response) Read(response);
            }
            return null;
        }

        void Read(HttpWebResponse response)
        {
            responseCode = (long)response.StatusCode;
            headers = response.Headers;
            using (var reader = new StreamReader(response.GetResponseStream())) downloadHandler.text = reader.ReadToEnd();
        }

        public void Dispose() { }
    }
}

static class Program
{
    static void PrintEncoded()
    {
        var values = new List<object>
        {
            null, true, false, 0, 127, 128, -1, -32, -33, int.MinValue, 4294967295L, long.MinValue, 1.5f, 0.1, 1e300,
        };
        foreach (var length in new[] { 0, 31, 32, 255, 256, 65535, 65536 }) values.Add(new string('a', length));
        foreach (var count in new[] { 0, 15, 16, 65535, 65536 }) values.Add(new float[count]);
        foreach (var count in new[] { 0, 15, 16, 65536 })
        {
            var map = new Dictionary<string, object>();
            for (var i = 0; i < count; i++) map[i.ToString()] = i;
            values.Add(map);
        }
        Console.WriteLine(BitConverter.ToString(PlaytestMessagePack.Encode(values)).Replace("-", ""));
    }

    static void Main(string[] given)
    {
        if (given.Length == 0)
        {
            PrintEncoded();
            return;
        }
        var game = new GameObject();
        var telemetry = game.AddComponent<PlaytestTelemetry>();
        telemetry.url = given[0];
        telemetry.publicKey = given[1];
        telemetry.appId = given[2];
        telemetry.Call("Awake");
        var example = game.AddComponent<PlaytestExample>();
        example.events = int.Parse(given[3]);
        example.wrong = int.Parse(given[4]);
        example.StartCoroutine((IEnumerator)example.Call("Start"));
        while (example.Coroutines.Count > 0)
        {
            foreach (var component in game.Components) component.Frame();
            Thread.Sleep(5);
        }
        var outbox = telemetry.Outbox;
        Console.WriteLine("{{\"sent\":{0},\"refused\":{1},\"lost\":{2}}}", outbox.Sent, outbox.Refused, outbox.Lost);
    }
}
